import PipelineLanguage

/// The stage kinds this program brings, one folder an area, one file a kind.
public enum StageLibrary {
    public static let catalog = StageCatalog([])
}
