import Diagnostics
import PipelineLanguage
import Planner
import Projects

/// What a command that is about one thing asks for.
enum NamedThing: String {
    case stage
    case output

    /// What can be named in a pipeline, in file order.
    func names(in loaded: LoadedPipeline) -> [String] {
        loaded.plan.stages.flatMap { planned in
            let name = planned.stage.name
            return self == .stage ? [name] : planned.outputs.map { "\(name).\($0.port)" }
        }
    }
}

extension PipelineArguments {
    /// Changes the folder, reads the pipeline, and gives the one word behind it.
    ///
    /// - Throws: `DiagnosticError` that lists what could be named, when it is
    ///   not one word.
    func load(
        _ words: [String], naming thing: NamedThing, for command: String
    ) throws -> (
        loaded: LoadedPipeline, name: String
    ) {
        try enter()
        let words = PipelineWords(words)
        let loaded = try load(words.file)
        guard words.stages.count == 1 else {
            throw DiagnosticError(
                CommandFinding.notOne(
                    thing, command: command, given: words.stages.count, known: thing.names(in: loaded)))
        }
        return (loaded, words.stages[0])
    }
}
