// SPDX-License-Identifier: Apache-2.0
//
// The settings that the driver takes, as JSON Schema: the flags of the original resourcifier, with _ for -, and a few more. An
// empty text is one that is not set. Constant.
#pragma once

#include <string_view>

namespace rsf::kubectl::settings {

inline constexpr std::string_view settings_schema = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "kubectl": {
      "type": "string", "default": "kubectl",
      "description": "The kubectl to run, 1.20 or later: an absolute path, or a name to be found on PATH."
    },
    "transport": {
      "type": "string", "enum": ["proxy", "exec"], "default": "proxy",
      "description": "proxy: one kubectl proxy is kept running and serves all calls. exec: a kubectl for each call; slower, for tools that are kubectl-compatible but have no proxy."
    },
    "config": {
      "type": "string", "default": "",
      "description": "Absolute path of a kubeconfig file. Without it, and without server and service, what kubectl itself would take: $KUBECONFIG, ~/.kube/config, or the pod that the daemon runs in."
    },
    "context": {
      "type": "string", "default": "",
      "description": "The context of the kubeconfig to use instead of its current one."
    },
    "server": {
      "type": "string", "default": "",
      "description": "The address of the API server, with an optional port, or its URL. https unless the URL says otherwise."
    },
    "service": {
      "type": "string", "default": "",
      "description": "Instead of server: the DNS name of the Kubernetes service, such as kubernetes.default.svc, with an optional port."
    },
    "insecure_skip_tls_verify": {
      "type": "boolean", "default": false,
      "description": "Do not check the API server's certificate. Anyone on the network path can then read and change everything."
    },
    "certificate_authority": {
      "type": "string", "default": "",
      "description": "Absolute path of the certificates that the API server's is checked against."
    },
    "client_certificate": {
      "type": "string", "default": "",
      "description": "Absolute path of the certificate to show to the API server. Needs client_key."
    },
    "client_key": {
      "type": "string", "default": "",
      "description": "Absolute path of the key of client_certificate."
    },
    "token": {
      "type": "string", "default": "", "writeOnly": true,
      "description": "The bearer token, such as a service account's, to show to the API server instead of the kubeconfig's user."
    },
    "username": {
      "type": "string", "default": "",
      "description": "The user name for basic authentication instead of the kubeconfig's user. Needs password. API servers take none since Kubernetes 1.19: only a proxy in front of one may."
    },
    "password": {
      "type": "string", "default": "", "writeOnly": true,
      "description": "The password of username."
    },
    "namespace": {
      "type": "string", "default": "",
      "description": "Where objects go, and are looked for, when neither the request nor the object names a namespace. Without it the context's, or else default."
    },
    "field_manager": {
      "type": "string", "default": "resourcifier", "pattern": "^[ -~]{1,128}$",
      "description": "Whose the fields are that an apply sets: the field manager of server-side apply. Two targets that share a cluster and objects need different ones."
    },
    "force": {
      "type": "boolean", "default": false,
      "description": "Let an apply take over fields that belong to other managers, instead of failing with who they are."
    },
    "request_timeout": {
      "type": "string", "default": "",
      "description": "How long kubectl waits for one answer of the API server, such as 10s or 1m. Without it as long as the call may take."
    }
  }
})";

} // namespace rsf::kubectl::settings
