import Platform

extension Doctor {
    /// Libraries of the system that some of the kinds need. One that is not here keeps nobody from the other kinds.
    static func libraries(
        _ all: [SystemLibrary] = SystemLibrary.all, for kinds: [String]
    ) -> [Line] {
        all.compactMap { library in
            let users = library.kinds.filter(kinds.contains)
            guard !users.isEmpty else { return nil }
            let opened = DynamicLibrary(library)
            let need = "\(users.joined(separator: ", ")) for \(library.purpose)"
            return opened.isInstalled
                ? Line(library.name, "\(opened.file), used by \(need)")
                : Line(
                    library.name, .warning, "\(opened.file) is not installed, which is used by \(need)",
                    "apt install \(opened.package)")
        }
    }
}
