import CanonicalJSON
import PipelineLanguage
import Platform
import StageLibrary
import Testing

@Suite struct PipelineSchemaTests {
    /// Editors read the committed file, so it must say what the program says:
    /// `bin/sluice schema pipeline > schemas/pipeline.schema.json`.
    @Test func theCommittedSchemaIsFresh() throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        let committed = try Files.read(root + "/schemas/pipeline.schema.json")
        let fresh = PipelineSchema(StageLibrary.catalog).json.prettyText
        // As a Boolean: nobody reads two schemas side by side in a failure.
        #expect((String(decoding: committed, as: UTF8.self) == fresh) == true)
    }
}
