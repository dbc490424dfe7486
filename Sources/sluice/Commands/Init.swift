import ArgumentParser
import Projects

/// `sluice init`: a project that runs.
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", _superCommandName: Sluice.name,
        abstract: "Write a first pipeline that runs, with data of its own or about a CSV file.",
        discussion: """
            Nothing is overwritten: files that are there already stay as they are, and are named. \
            Examples: sluice init
                      sluice init --from data/customers.csv --target churned
            """)

    @Argument(help: "The project's folder; made if it is missing.", completion: .directory)
    var folder = "."

    @Option(
        help: ArgumentHelp("Start from this CSV file: its schema is inferred.", valueName: "data.csv"),
        completion: .file(extensions: ["csv", "tsv"]))
    var from: String?

    @Option(help: ArgumentHelp("The column to learn.", valueName: "column"))
    var target: String?

    @Option(
        name: .customShort("C"), help: ArgumentHelp("Change to this folder first.", valueName: "dir"),
        completion: .directory)
    var directory: String?

    func validate() throws {
        if from != nil, target == nil {
            throw ValidationError("--from needs --target, the column that is to be learned")
        }
        if target != nil, from == nil {
            throw ValidationError("--target needs --from, the CSV file that has the column")
        }
    }

    func run() throws {
        try FolderArguments.enter(directory)
        let files =
            if let from, let target {
                try NewProject.about(data: from, target: target, in: folder)
            } else {
                NewProject.example()
            }
        let outcomes = try Terminal.orFinding { try files.write(to: folder) }
        let paint = Paint(isOn: Terminal.hasColor)
        for (path, outcome) in outcomes {
            let shown = folder == "." ? path : folder + "/" + path
            switch outcome {
            case .written: Terminal.message(paint("written  ", .green) + shown + "\n")
            case .extended: Terminal.message(paint("extended ", .green) + shown + "\n")
            case .left: Terminal.message(paint("left     \(shown), which was there already", .faint) + "\n")
            }
        }
        let enter = folder == "." ? "" : "cd \(folder) && "
        Terminal.message("next: \(enter)sluice run\n")
    }
}
