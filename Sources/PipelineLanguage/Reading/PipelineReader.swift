import Diagnostics
import YAMLSyntax

/// Reads a pipeline: text in, a typed pipeline and every finding out. Files it
/// includes are joined in, values put in, references resolved.
///
/// Nothing is looked up but pipeline files and environment, so a check costs
/// milliseconds and never touches data or the network.
///
/// - Complexity: O(size of the text + stages + references).
public struct PipelineReader: Sendable {
    let catalog: StageCatalog
    let context: ReadingContext

    /// - Parameter context: By default a file at the root, without overrides,
    ///   environment or other files.
    public init(catalog: StageCatalog, context: ReadingContext = ReadingContext()) {
        self.catalog = catalog
        self.context = context
    }

    /// - Returns: The pipeline, as far as it could be understood, or nil when
    ///   the text is not YAML. Whether it may be used is `findings.hasErrors`.
    public func read(_ source: SourceText, into findings: inout Diagnostics) -> Pipeline? {
        guard let document = parseYAMLDocument(source, into: &findings) else { return nil }
        let basename = source.path.split(separator: "/").last.map(String.init) ?? source.path
        let path = ProjectPath(written: basename, in: context.folder)
        let assembly = Assembly()
        assembly.files.append(path)
        let overrides = readOverrides(into: &findings)
        let reader = FileReader(
            catalog: catalog, context: context, assembly: assembly,
            file: FileScope(prefix: "", folder: context.folder), chain: [path], given: overrides)
        var pipeline = reader.read(document.root, source, into: &findings)
        pipeline.hasAliases = document.hasAliases
        let resolver = ReferenceResolver(assembly: assembly, catalog: catalog)
        pipeline.stages = resolver.stages(into: &findings)
        pipeline.off = assembly.off
        pipeline.files = assembly.files
        pipeline.requires = assembly.requirements
        CycleCheck(stages: pipeline.stages).run(into: &findings)
        PublicationCheck(stages: pipeline.stages, catalog: catalog).run(into: &findings)
        PortCheck(stages: pipeline.stages, drafts: assembly.drafts, catalog: catalog)
            .run(into: &findings)
        return pipeline
    }

    /// `-S name=value`: the value is YAML, so that `0.3` is a number and
    /// `[1, 2]` a list.
    private func readOverrides(into findings: inout Diagnostics) -> [GivenParameter] {
        context.overrides.compactMap { name, text in
            let whole = SourceText(argument: "\(name)=\(text)", behind: "-S ")
            let start = Mark(line: 1, column: 1)
            let range = SourceRange(
                whole, start: start, end: Mark(line: 1, column: name.unicodeScalars.count + 1))
            if text.allSatisfy({ $0 == " " }) {
                return GivenParameter(
                    name: name, range: range, value: Node(.scalar("", isPlain: false), at: range))
            }
            return parseYAML(SourceText(argument: text, behind: "-S \(name)="), into: &findings).map {
                GivenParameter(name: name, range: range, value: $0)
            }
        }
    }
}
