import Diagnostics
import Platform

/// Finds the pipeline a command is about when none is named.
struct ProjectRoot {
    /// Absolute, or relative to the working directory.
    let path: String

    /// The nearest folder at or above `folder` that holds `sluice.yaml`, else
    /// `.git`, else the folder itself. `.sluice` never decides it.
    static func containing(_ folder: String) -> ProjectRoot {
        for marker in ["sluice.yaml", ".git"] {
            var candidate = folder
            // Each step adds a `..`; a path deeper than this is no project.
            for _ in 0..<64 {
                if Files.exists(candidate + "/" + marker) { return ProjectRoot(path: candidate) }
                candidate += "/.."
            }
        }
        return ProjectRoot(path: folder)
    }

    /// The only pipeline in `pipelines/`.
    func onlyPipeline() throws -> String {
        let folder = path == "." ? "pipelines" : path + "/pipelines"
        let names = ((try? Files.list(folder)) ?? []).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
        if names.count == 1 { return folder + "/" + names[0] }
        throw DiagnosticError(CommandFinding.noPipelineNamed(folder: folder, found: names))
    }
}
