import PipelineLanguage

/// The stage kinds this program brings, one folder an area, one file a kind.
public enum StageLibrary {
    public static let catalog = StageCatalog([
        CleanLabels.kind,
        CleanNearDuplicates.kind,
        CleanProfile.kind,
        CleanTable.kind,
        CleanText.kind,
        CollectArchive.kind,
        CollectArrow.kind,
        CollectAudio.kind,
        CollectCSV.kind,
        CollectHTTP.kind,
        CollectImages.kind,
        CollectJSON.kind,
        CollectJSONL.kind,
        CollectParquet.kind,
        CollectS3.kind,
        CollectSQL.kind,
        CollectSQLite.kind,
        CollectText.kind,
        CollectXML.kind,
        EvaluateModel.kind,
        FeaturesApply.kind,
        FeaturesFit.kind,
        JoinTables.kind,
        JoinUnion.kind,
        SplitFolds.kind,
        SplitRows.kind,
        TableAggregate.kind,
        TableSelect.kind,
        TableWindow.kind,
        TrainModel.kind,
    ])

    /// What the runner calls on behalf of command stages, which read and write
    /// tables in forms of their own; no pipeline can name them.
    public static let conversions = StageCatalog([TableExport.kind, TableImport.kind])
}
