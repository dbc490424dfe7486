import PipelineLanguage
import Planner
import Platform

/// What a shell can complete.
extension LoadedPipeline {
    /// `STAGE`, and `STAGE.PORT` of its outputs, that begin so, in file order.
    public func outputNames(startingWith prefix: String) -> [String] {
        plan.stages.flatMap { planned in
            let name = planned.stage.name
            return [name] + planned.outputs.map { "\(name).\($0.port)" }
        }.filter { $0.hasPrefix(prefix) }
    }

    /// The pipeline file's name without its suffix.
    public var stem: String {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }
}

extension Project {
    /// Paths of the pipelines in the project's `pipelines`, as the working
    /// directory sees them.
    public static func pipelineFiles() -> [String] {
        let folder = Project(containing: ".").root + "/pipelines"
        return ((try? Files.list(folder)) ?? []).filter(isPipelineFile).map { shown(folder + "/" + $0) }
    }
}
