// SPDX-License-Identifier: Apache-2.0
//
// Reads the values of one settings file and collects what is wrong with them. Not thread-safe.
#pragma once

#include "base/error.hpp"
#include "config/credentials.hpp"
#include "config/form.hpp"
#include "config/setting.hpp"
#include "parse/document.hpp"

#include <boost/json/object.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::config {

class Reader {
  public:
    // places: of the file; they and credentials outlive the reader.
    Reader(std::string file, const parse::Places &places, Credentials &credentials)
        : file_(std::move(file)), places_(places), credentials_(credentials) {}

    // Checks the value at pointer, and fills in schema's defaults where it fits.
    void apply(const boost::json::object &schema, boost::json::value &value, const std::string &pointer);

    // Sets the members of record from the values of the mapping at pointer that have no mistake; the others stay as they are.
    template <class Record>
    void read(std::span<const Setting<Record>> table, const boost::json::object &values, const std::string &pointer,
              Record &record);

    void add(std::string message, std::string pointer);
    // What the mistakes that follow are about, as in "target 'a': "; it stands before their messages.
    void set_subject(std::string subject) { subject_ = std::move(subject); }
    bool has_mistake_at(std::string_view pointer) const;
    bool has_mistake_within(std::string_view pointer) const;

    Credentials &credentials() { return credentials_; }
    std::vector<Error> mistakes() && { return std::move(mistakes_); }

  private:
    void add(Error mistake);

    const std::string file_;
    const parse::Places &places_;
    Credentials &credentials_;
    std::string subject_;
    std::vector<Error> mistakes_;
};

} // namespace rsf::config
