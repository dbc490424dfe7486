import Diagnostics

/// A stage as it has been read, before its references are resolved: they may
/// lead to a stage that stands further below, or in another file.
struct DraftStage {
    var stage: Stage
    var inputs: [DraftInput]
    var after: [DraftReference]
}

struct DraftInput {
    enum Origin {
        case reference(DraftReference)
        case references([DraftReference])
        case source(Input.Origin)
    }

    var port: String
    var origin: Origin
    var form: Input.Form?
    /// Whether the origin may be off.
    var isOptional: Bool
    var range: SourceRange
}

/// `STAGE`, `STAGE.PORT`, `STAGE@MEMBER`, `STAGE@MEMBER.PORT`, as written.
/// Which dot ends the stage's name is known only beside the names there are.
struct DraftReference {
    var text: String
    var range: SourceRange
}
