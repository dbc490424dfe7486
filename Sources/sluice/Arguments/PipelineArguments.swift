import ArgumentParser
import ContentStore
import Diagnostics
import Glibc
import Projects

/// Where a command is at work.
struct FolderArguments: ParsableArguments {
    @Option(
        name: .customShort("C"), help: ArgumentHelp("Change to this folder first.", valueName: "dir"),
        completion: .directory)
    var directory: String?

    /// Changes the folder; call before any path is looked at.
    func enter() throws { try Self.enter(directory) }

    /// Changes to a folder, if one is given.
    static func enter(_ directory: String?) throws {
        // A word misspelt there must not choose other locks than its neighbours have.
        do { _ = try LockChoice.asked() } catch { throw DiagnosticError(error) }
        guard let directory else { return }
        guard chdir(directory) == 0 else {
            throw DiagnosticError(
                ProjectFinding.unreadable(
                    "cannot change to '\(directory)': \(String(cString: strerror(errno)))"))
        }
    }
}

/// What every command that reads a pipeline takes.
struct PipelineArguments: ParsableArguments {
    @Option(
        name: .customShort("S"), parsing: .singleValue,
        help: ArgumentHelp("Set a parameter, as often as needed.", valueName: "name=value"))
    var set: [String] = []

    @Option(help: "Take parameter values from this profile of the pipeline.")
    var profile: String?

    @OptionGroup var folder: FolderArguments

    /// Changes the folder; call before any path is looked at.
    func enter() throws { try folder.enter() }

    var options: LoadedPipeline.Options {
        LoadedPipeline.Options(
            overrides: set.map { text in
                let equals = text.firstIndex(of: "=") ?? text.endIndex
                return (String(text[..<equals]), String(text[equals...].dropFirst()))
            }, profile: profile)
    }

    func validate() throws {
        for text in set where !text.contains("=") {
            throw ValidationError("-S takes name=value, got '\(text)'")
        }
    }

    /// Reads and plans; prints every finding and ends with 2 when there are errors.
    func load(_ file: String?, inferAnew: [String] = []) throws -> LoadedPipeline {
        var findings = Diagnostics()
        var options = options
        options.inferAnew = inferAnew
        let loaded = LoadedPipeline.load(try file ?? Project.defaultPipeline(), options, into: &findings)
        Terminal.findings(findings)
        guard let loaded else { throw ExitCode(2) }
        return loaded
    }
}

/// `[FILE] [STAGE...]`: the first word is a file if it ends like one.
struct PipelineWords {
    let file: String?
    let stages: [String]

    init(_ words: [String]) {
        if let first = words.first, Project.isPipelineFile(first) {
            (file, stages) = (first, Array(words.dropFirst()))
        } else {
            (file, stages) = (nil, words)
        }
    }
}
