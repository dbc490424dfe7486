extension CommandText {
    public var keyText: String { rendered { "${\($0).\($1)}" } }
}
import Diagnostics
public struct PipelineReader {
    public struct Context {
        public init(folder: String, overrides: [String], profile: String?, environment: @escaping (String) -> String?, load: @escaping (ProjectPath) throws -> SourceText) {}
    }
    public init(catalog: StageCatalog, context: Context) {}
    public func read(_ source: SourceText, into findings: inout Diagnostics) -> Pipeline? { nil }
}
