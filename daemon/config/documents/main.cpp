// SPDX-License-Identifier: Apache-2.0
//
// settings_documents FOLDER: writes the documents that describe the settings, below the root of the repository.
#include "config/documents/documents.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

int main(int argc, char **argv) {
    if (argc != 2) {
        std::cerr << "usage: settings_documents FOLDER\n";
        return 2;
    }
    const std::filesystem::path root = argv[1];
    for (const rsf::config::SettingsDocument &document : rsf::config::documents) {
        const std::ifstream in(root / document.source);
        std::ostringstream source;
        source << in.rdbuf();
        std::ofstream out(root / document.file);
        out << document.make(source.str()) << std::flush;
        if (!in || !out) {
            std::cerr << "can't make " << document.file << " of " << document.source << "\n";
            return 1;
        }
    }
    return 0;
}
