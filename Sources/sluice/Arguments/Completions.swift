import ArgumentParser
import Diagnostics
import Platform
import Projects

/// What a shell offers for an argument.
extension CompletionKind {
    static let pipelines = CompletionKind.file(extensions: ["yaml", "yml"])

    /// The stages of the pipeline on the line, or of the default one, each with
    /// its outputs, and pipeline files. A pipeline with errors offers no stages.
    static let stages = CompletionKind.custom { words, _, prefix in
        let file = words.first { Project.isPipelineFile($0) && Files.exists($0) }
        let folder = zip(words, words.dropFirst()).first { $0.0 == "-C" }?.1
        guard (try? FolderArguments.enter(folder)) != nil else { return [] }
        let files = file == nil ? Project.pipelineFiles() : []
        var findings = Diagnostics()
        guard let path = try? file ?? Project.defaultPipeline(),
            let loaded = LoadedPipeline.load(path, into: &findings)
        else { return files }
        return files + loaded.outputNames(startingWith: prefix)
    }
}
