// SPDX-License-Identifier: Apache-2.0
//
// kubernetes.hpp: what drivers for Kubernetes and clusters like it share, header-only C++17: the built-in kinds and how a type is
// read (kubernetes/kinds.hpp), what names are made of (names.hpp), whom an object is (identity.hpp, object_identity.hpp), whom a
// delete is about (deletion.hpp), and what must come before what (order.hpp). Pure: no I/O, no state; everything is thread-safe.
#ifndef RESOURCIFIER_KUBERNETES_HPP
#define RESOURCIFIER_KUBERNETES_HPP

#include "kubernetes/deletion.hpp"
#include "kubernetes/identity.hpp"
#include "kubernetes/kinds.hpp"
#include "kubernetes/names.hpp"
#include "kubernetes/object_identity.hpp"
#include "kubernetes/order.hpp"

#endif
