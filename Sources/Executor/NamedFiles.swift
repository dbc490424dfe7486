import Diagnostics
import Glibc
import PipelineLanguage
import Planner
import Platform

extension UndeclaredReads {
    /// Where words of a log may lead.
    struct Places {
        let root: String
        /// The folder the command ran in.
        let stage: String
        /// The pipeline file's folder, relative to the root; `.` is the root.
        let pipeline: String

        init(root: String, stage: String, planned: PlannedStage) {
            self.root = root
            self.stage = stage
            var folder = "."
            if let resolved = realpath(planned.stage.range.source.path, nil) {
                defer { free(resolved) }
                let path = ProjectPath(String(cString: resolved) + "/..").text
                if path.hasPrefix(root + "/") { folder = path.dropping(bytes: root.utf8.count + 1) }
            }
            pipeline = folder
        }

        func written(_ path: String) -> String {
            if pipeline == "." { return path }
            return path.hasPrefix(pipeline + "/")
                ? path.dropping(bytes: pipeline.utf8.count + 1) : "//" + path
        }

        /// Files of the project, relative to its root, that a line says could
        /// not be read although they can be.
        func files(namedIn line: Substring) -> [String] {
            let isDenied = ["ermission denied", "EACCES"].contains { line.contains($0) }
            let isMissing = ["o such file or directory", "ENOENT"].contains { line.contains($0) }
            guard isDenied || isMissing, !line.contains("cannot create") else { return [] }
            var found: [String] = []
            for word in Self.words(of: line) {
                guard let path = isDenied ? denied(word) : missing(word), !found.contains(path) else {
                    continue
                }
                found.append(path)
            }
            return found
        }

        /// What the command named is there, and read by whoever is not confined.
        private func denied(_ word: Substring) -> String? {
            let path = ProjectPath(word.hasPrefix("/") ? String(word) : stage + "/" + word).text
            return path.hasPrefix(root + "/") ? file(path.dropping(bytes: root.utf8.count + 1)) : nil
        }

        /// What the command looked for in its own folder lies beside the
        /// pipeline file.
        private func missing(_ word: Substring) -> String? {
            let word = word.hasPrefix(stage + "/") ? word.dropping(bytes: stage.utf8.count + 1) : String(word)
            guard !word.hasPrefix("/") else { return nil }
            let path = ProjectPath(pipeline + "/" + word)
            return path.isOutside ? nil : file(path.text)
        }

        private func file(_ path: String) -> String? {
            let absolute = root + "/" + path
            guard !path.hasPrefix(".sluice/"), !absolute.hasPrefix(stage + "/"),
                let status = try? Files.status(absolute), status.kind == .file, access(absolute, R_OK) == 0
            else { return nil }
            return path
        }

        /// What may be a path: quoted texts, what stands between colons, words.
        static func words(of line: Substring) -> [Substring] {
            let quotes: [Character] = ["'", "\"", "`", "\u{2018}", "\u{2019}"]
            var words = line.split { quotes.contains($0) }
            for piece in line.split(separator: ":") {
                var piece = piece.drop { $0 == " " }
                for opening in ["cannot open ", "cannot access ", "can't open "]
                where piece.hasPrefix(opening) {
                    piece = piece.dropFirst(opening.count)
                }
                words.append(piece)
            }
            words += line.split { quotes.contains($0) || " \t:()[]<>,;=".contains($0) }
            return words.filter { !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count < 4096 }
        }
    }
}
