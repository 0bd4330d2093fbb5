// SPDX-License-Identifier: Apache-2.0
//
// The texts are captured: kubectl 1.20.2, 1.27, 1.30 and 1.33 against an API server 1.20.2, unless a row says otherwise.
#include "support/catch.hpp"

#include "kubectl/errors/error_text.hpp"
#include "kubectl/errors/shown_errors.hpp"

namespace {

using namespace rsf;
using namespace rsf::kubectl;
using namespace rsf::kubectl::errors;

struct Row {
    const char *name;
    bool writes;
    const char *said;
    Code code;
    Retry retry;
    const char *message; // a part of it
};

constexpr bool read = false;
constexpr bool write = true;

// clang-format off
const Row rows[] = {
    {"create of what exists", write, "Error from server (AlreadyExists): error when creating \"STDIN\": configmaps \"e1\" already exists\n",
     Code::already_exists, Retry::never, "The cluster says: configmaps \"e1\" already exists"},
    {"replace of the absent", write, "Error from server (NotFound): error when replacing \"STDIN\": configmaps \"nope\" not found\n",
     Code::not_found, Retry::never, "The cluster says: configmaps \"nope\" not found"},
    {"a webhook without a dry run", write, "Error from server (BadRequest): error when creating \"STDIN\": admission webhook \"nodry.example.com\" does not support dry run\n",
     Code::unsupported, Retry::never, "The cluster says: admission webhook \"nodry.example.com\" does not support dry run"},
    {"what can't be changed", write, "The Deployment \"web\" is invalid: spec.selector: Invalid value: v1.LabelSelector{}: field is immutable\n",
     Code::invalid, Retry::never, "field is immutable. To change it, delete the object and create it anew."},
    {"what can't be changed, as the API says it", write, "Error from server (Invalid): error when replacing \"STDIN\": RoleBinding \"x\" is invalid: roleRef: Invalid value: rbac.RoleRef{}: cannot change roleRef\n",
     Code::invalid, Retry::never, "cannot change roleRef. To change it, delete the object and create it anew."},
    {"stale replace", write, "Error from server (Conflict): error when replacing \"STDIN\": Operation cannot be fulfilled on configmaps \"e1\": the object has been modified; please apply your changes to the latest version and try again\n",
     Code::conflict, Retry::never, "the object has been modified"},
    {"create in a missing namespace", write, "Error from server (NotFound): error when creating \"STDIN\": namespaces \"nope\" not found\n",
     Code::not_found, Retry::never, "The cluster says: namespaces \"nope\" not found"},
    {"get of the absent", read, "Error from server (NotFound): configmaps \"nope\" not found\n", Code::not_found, Retry::never, "configmaps \"nope\" not found"},
    {"unknown type", read, "error: the server doesn't have a resource type \"widgets\"\n", Code::not_found, Retry::never, "The cluster has no such type"},
    {"type no longer served", read, "Error from server (NotFound): the server could not find the requested resource\n", Code::not_found, Retry::never, "does not have this type"},
    {"kind no longer served", write, "Error from server (NotFound): error when creating \"STDIN\": the server could not find the requested resource\n", Code::invalid, Retry::never, "CustomResourceDefinition"},
    {"bad label selector", read, "Error from server (BadRequest): Unable to find \"/v1, Resource=configmaps\" that match label selector \"a=b=c\", field selector \"\": found '=', expected: ',' or 'end of string'\n",
     Code::invalid, Retry::never, "label selector"},
    {"unknown kind, 1.20", write, "error: unable to recognize \"STDIN\": no matches for kind \"Widget\" in version \"example.org/v1\"\n",
     Code::invalid, Retry::never, "The cluster has no kind Widget in example.org/v1: correct apiVersion and kind, or create its CustomResourceDefinition first."},
    {"unknown kind, 1.27 and later", write, "error: resource mapping not found for name: \"e1\" namespace: \"\" from \"STDIN\": no matches for kind \"Widget\" in version \"example.org/v1\"\nensure CRDs are installed first\n",
     Code::invalid, Retry::never, "The cluster has no kind Widget in example.org/v1: correct apiVersion and kind, or create its CustomResourceDefinition first."},
    {"invalid, one field", write, "The ConfigMap \"E_1\" is invalid: metadata.name: Invalid value: \"E_1\": a lowercase RFC 1123 subdomain must consist of\n", Code::invalid, Retry::never, "The ConfigMap \"E_1\" is invalid: metadata.name"},
    {"unknown field", write, "error: error validating \"STDIN\": error validating data: ValidationError(ConfigMap): unknown field \"dta\" in io.k8s.api.core.v1.ConfigMap; if you choose to ignore these errors, turn validation off with --validate=false\n",
     Code::invalid, Retry::never, "The cluster refuses it: ValidationError(ConfigMap): unknown field \"dta\" in io.k8s.api.core.v1.ConfigMap"},
    {"unknown field, judged by an API server 1.27", write, "Error from server (BadRequest): error when creating \"STDIN\": ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"dta\"\n",
     Code::invalid, Retry::never, "strict decoding error: unknown field \"dta\""},
    {"no kind", write, "error: error validating \"STDIN\": error validating data: [apiVersion not set, kind not set]; if you choose to ignore these errors, turn validation off with --validate=false\n",
     Code::invalid, Retry::never, "[apiVersion not set, kind not set]"},
    {"no name on replace", write, "error: error when replacing \"STDIN\": resource name may not be empty\n", Code::invalid, Retry::never, "resource name may not be empty"},
    {"another namespace", write, "error: the namespace from the provided object \"other\" does not match the namespace \"default\". You must pass '--namespace=other' to perform this operation.\n",
     Code::invalid, Retry::never, "the namespace from the provided object"},
    {"not logged in", read, "error: You must be logged in to the server (Unauthorized)\n", Code::unauthorized, Retry::never, "The cluster does not know who is asking"},
    {"not logged in, create", write, "error: You must be logged in to the server (the server has asked for the client to provide credentials)\n", Code::unauthorized, Retry::never, "The cluster does not know who is asking"},
    {"not logged in, create, 1.30 and later", write, "error: error validating \"STDIN\": error validating data: failed to download openapi: the server has asked for the client to provide credentials; if you choose to ignore these errors, turn validation off with --validate=false\n",
     Code::unauthorized, Retry::never, "kubectl says: the server has asked for the client to provide credentials"},
    {"not logged in, with a reason", write, "Error from server (Unauthorized): error when creating \"STDIN\": Unauthorized\n", Code::unauthorized, Retry::never, "The cluster does not know who is asking"},
    {"credential program failed", read, "Unable to connect to the server: getting credentials: exec: executable gke-gcloud-auth-plugin failed with exit code 1\n", Code::unauthorized, Retry::never, "gke-gcloud-auth-plugin failed"},
    {"no credentials at all", read, "Please enter Username: error: EOF\n", Code::unauthorized, Retry::never, "Nothing says who is asking"},
    {"not a certificate", read, "error: unable to load root certificates: unable to parse bytes as PEM block\n", Code::internal, Retry::never, "kubectl can't use the target's kubeconfig or settings: unable to load root certificates"},
    {"forbidden", write, "Error from server (Forbidden): error when deleting \"STDIN\": configmaps \"x\" is forbidden: User \"nobody\" cannot delete resource \"configmaps\" in API group \"\" in the namespace \"default\"\n",
     Code::forbidden, Retry::never, "cannot delete resource"},
    {"refused connection", read, "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n", Code::unavailable, Retry::later, "The cluster can't be reached"},
    {"refused connection, 1.33", read, "E1123 01:49:25.759875   31758 memcache.go:265] \"Unhandled Error\" err=\"couldn't get current server API group list: Get \\\"https://127.0.0.1:1/api?timeout=32s\\\": dial tcp 127.0.0.1:1: connect: connection refused\"\nThe connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n",
     Code::unavailable, Retry::later, "The cluster can't be reached: The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?"},
    {"refused connection, create, 1.33", write, "error: error validating \"STDIN\": error validating data: failed to download openapi: Get \"https://127.0.0.1:1/openapi/v2?timeout=32s\": dial tcp 127.0.0.1:1: connect: connection refused; if you choose to ignore these errors, turn validation off with --validate=false\n",
     Code::unavailable, Retry::later, "connect: connection refused"},
    {"no server", read, "error: host must be a URL or a host:port pair: \"https://no server\"\n", Code::unavailable, Retry::later, "say where the cluster is: set config, server or service"},
    {"no server, by a proxy", read, "Unable to connect to the server: invalid character \" \" in host name\n", Code::unavailable, Retry::later, "say where the cluster is"},
    {"not UTF-8", write, "error: a\xff\xe4\xb8z \xc3\xa4 \xed\xa0\x80\n", Code::internal, Retry::unknown, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz \xc3\xa4 \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"unknown host", read, "Unable to connect to the server: dial tcp: lookup no.such.host.invalid on 10.255.255.53:53: no such host\n", Code::unavailable, Retry::later, "no such host"},
    {"silent address", read, "Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout\n", Code::unavailable, Retry::later, "i/o timeout"},
    {"handshake", read, "Unable to connect to the server: net/http: TLS handshake timeout\n", Code::unavailable, Retry::later, "TLS handshake timeout"},
    {"something else listens", read, "Unable to connect to the server: EOF\n", Code::unavailable, Retry::later, "EOF"},
    {"server died", write, "error: error when creating \"STDIN\": Post \"https://127.0.0.1:26443/apis/rsf.example.org/v1/namespaces/default/gadgets?fieldManager=kubectl-create&timeout=29.999s\": unexpected EOF\n", Code::unavailable, Retry::later, "unexpected EOF"},
    {"unknown authority, 1.20", read, "Unable to connect to the server: x509: certificate signed by unknown authority\n", Code::unavailable, Retry::never, "can't be trusted"},
    {"unknown authority, 1.27", read, "Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority\n", Code::unavailable, Retry::never, "can't be trusted"},
    {"not https", read, "Unable to connect to the server: http: server gave HTTP response to HTTPS client\n", Code::unavailable, Retry::never, "can't be trusted"},
    {"request timeout, 1.20", read, "Unable to connect to the server: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)\n", Code::timeout, Retry::later, "did not answer in time"},
    {"request timeout, 1.33", write, "Unable to connect to the server: context deadline exceeded (Client.Timeout exceeded while awaiting headers)\n", Code::timeout, Retry::later, "the change may have happened"},
    {"wait that is over", write, "error: timed out waiting for the condition on customresourcedefinitions/x\n", Code::timeout, Retry::later, "timed out waiting"},
    {"too many requests", write, "Error from server (TooManyRequests): error when creating \"STDIN\": the server has received too many requests and has asked us to try again later\n", Code::unavailable, Retry::later, "too many requests"},
    {"overloaded", write, "Error from server (ServiceUnavailable): error when creating \"STDIN\": the server is currently unable to handle the request\n", Code::unavailable, Retry::later, "unable to handle"},
    {"etcd", write, "Error from server: error when creating \"STDIN\": etcdserver: request timed out\n", Code::unavailable, Retry::later, "etcdserver: request timed out"},
    {"webhook", write, "Error from server (InternalError): error when creating \"STDIN\": Internal error occurred: failed calling webhook \"x.example.org\": no endpoints available\n", Code::internal, Retry::unknown, "failed calling webhook"},
    {"a word of admission", write, "Error from server: error when creating \"STDIN\": admission webhook \"x.example.org\" denied the request: no\n", Code::forbidden, Retry::never, "denied the request: no"},
    {"a reason of admission", write, "Error from server (too lax): error when creating \"STDIN\": admission webhook \"x.example.org\" denied the request: too lax\n", Code::forbidden, Retry::never, "denied the request: too lax"},
    {"patch of a wrong method", write, "Error from server (MethodNotAllowed): error when deleting \"STDIN\": the server does not allow this method on the requested resource\n", Code::unsupported, Retry::never, "does not allow"},
    {"unknown context", read, "Error in configuration: context was not found for specified context: nope\n", Code::internal, Retry::never, "kubectl can't use the target's kubeconfig or settings: context was not found"},
    {"unknown user", read, "error: auth info \"nope\" does not exist\n", Code::internal, Retry::never, "auth info \"nope\" does not exist"},
    {"not a kubeconfig", read, "error: error loading config file \"/etc/hosts\": yaml: line 2: mapping values are not allowed in this context\n", Code::internal, Retry::never, "error loading config file"},
    {"too old a kubectl", read, "Error: unknown flag: --cache-dir\nSee 'kubectl get --help' for usage.\n", Code::internal, Retry::never, "This kubectl is not one that the driver can use"},
    {"another's field", write, "error: Apply failed with 1 conflict: conflict with \"helm\": .data.a\nPlease review the fields above--they currently have other managers. Here\nare the ways you can resolve this warning:\n", Code::conflict, Retry::never, "The cluster says: Apply failed with 1 conflict: conflict with \"helm\": .data.a"},
    {"only its own log", read, "E1123 01:49:25.759875   31758 memcache.go:265] couldn't get current server API group list: Get \"https://h/api\": dial tcp: connect: connection refused\n", Code::unavailable, Retry::later, "connection refused"},
    {"nothing", read, "", Code::internal, Retry::unknown, "kubectl ended with code 1 and did not say why."},
    {"something new", read, "error: the moon is full\n", Code::internal, Retry::unknown, "kubectl failed: the moon is full"},
    {"a warning first", write, "Warning: policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+\nError from server (AlreadyExists): error when creating \"STDIN\": poddisruptionbudgets.policy \"p\" already exists\n", Code::already_exists, Retry::never, "The cluster says: poddisruptionbudgets.policy \"p\" already exists"},
};
// clang-format on

} // namespace

TEST_CASE("what kubectl says becomes a code, whether a retry helps, and a sentence") {
    for (const Row &row : rows) {
        INFO(row.name);
        const Error error = read_error(sort_error_text(row.said), 1, row.writes);
        INFO(error.what());
        CHECK(static_cast<int>(error.code) == static_cast<int>(row.code));
        CHECK(static_cast<int>(error.retry) == static_cast<int>(row.retry));
        CHECK_THAT(error.what(), ContainsSubstring(row.message));
        CHECK_THAT(error.what(), !ContainsSubstring("STDIN"));
        CHECK_THAT(error.what(), !ContainsSubstring("--validate"));
        CHECK_THAT(error.what(), !ContainsSubstring("\n"));
    }
}

TEST_CASE("the fields of an invalid object are listed as causes") {
    const char *said =
        "The Deployment \"e1\" is invalid: \n"
        "* spec.template.metadata.labels: Invalid value: map[string]string{\"a\":\"c\"}: `selector` does not match\n"
        "* spec.template.spec.containers[0].name: Invalid value: \"Bad_\": a lowercase RFC 1123 label\n";
    Error error = read_error(sort_error_text(said), 1, true);
    CHECK(error.code == Code::invalid);
    CHECK(error.details == json::parse(R"({"causes": [
        {"field": "spec.template.metadata.labels", "message": "Invalid value: a mapping: `selector` does not match"},
        {"field": "spec.template.spec.containers[0].name", "message": "Invalid value: \"Bad_\": a lowercase RFC 1123 label"}]})"));

    error = read_error(
        sort_error_text("The ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required\n"), 1,
        true);
    CHECK(error.details ==
          json::parse(
              R"({"causes": [{"field": "metadata.name", "message": "Required value: name or generateName is required"}]})"));
    CHECK(read_error(sort_error_text("error: no\n"), 1, true).details.is_null());
}

TEST_CASE("what the API server quotes of a Secret that it can't read is left out") {
    const Error error = read_error(sort_error_text("Error from server (BadRequest): error when creating \"STDIN\": Secret in "
                                                   "version \"v1\" cannot be handled as a Secret: "
                                                   "v1.Secret.ObjectMeta: v1.ObjectMeta.TypeMeta: Kind: Data: decode base64: "
                                                   "illegal base64 data at input byte 7, error found "
                                                   "in #10 byte of ...|hunter2!!\"},\"kind\":\"|..., bigger context "
                                                   "...|{\"apiVersion\":\"v1\",\"data\":{\"p\":\"hunter2!!\"}|...\n"),
                                   1, true);
    CHECK(error.code == Code::invalid);
    CHECK_THAT(error.what(), ContainsSubstring("illegal base64 data at input byte 7"));
    CHECK_THAT(error.what(), !ContainsSubstring("hunter2"));
}

TEST_CASE("warnings and kubectl's own log are told from the message") {
    const ErrorText text = sort_error_text(
        "Warning: policy/v1beta1 is deprecated\nFlag --x has been deprecated\n"
        "W1123 01:47:12.401445   25515 loader.go:223] Config not found: /nonexistent\nE5 is not a log line\nlast");
    CHECK(text.warnings == std::vector<std::string>{"policy/v1beta1 is deprecated", "Flag --x has been deprecated"});
    CHECK(text.log.size() == 1);
    CHECK(text.message == "E5 is not a log line\nlast");
}

TEST_CASE("a very long message is cut within a sentence, not within a character") {
    for (const std::size_t shift : {0u, 1u}) {
        std::string said(shift, 'x');
        for (int i = 0; i < 30'000; ++i) said += "ü";
        const std::string message = shown(read_error(sort_error_text(said), 1, false), {}).what();
        CHECK(message.size() < 5000);
        CHECK(message.ends_with("ü…"));
    }
    CHECK_FALSE(std::string(read_error(sort_error_text(std::string(65536, '"')), 1, false).what()).empty());
}
