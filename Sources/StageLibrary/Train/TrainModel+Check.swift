import CanonicalJSON
import Diagnostics
import PipelineLanguage
import TableTypes

extension TrainModel {
    /// Static types of `train.model`: the target is there and has classes, the
    /// transform fits the rows, and the model reads what they read.
    static func check(_ check: inout StageCheck) {
        let with = check.parameters
        let hasValidation = check.type(of: "validation") != nil
        for (finding, path) in EstimatorOptions.findings(with, hasValidation: hasValidation) {
            check.report(finding, at: path)
        }
        let table = check.table("train")
        let transform = check.transform("features")
        let target = checkTarget(&check, table, transform)
        let features = transform?.inputs ?? numericFeatures(&check, table, target: target)
        let texts = transform?.outputs.columns.filter { isWithoutNumber($0.type) }.map(\.name) ?? []
        if !texts.isEmpty { check.report(ModelFinding.notLearnedFrom(texts), atInput: "features") }
        let why = transform == nil ? learned : check.neededBy("transform", at: "features")
        if transform != nil { checkInputs(features, of: "train", why: why, &check) }
        if hasValidation { checkInputs(features, of: "validation", why: why, &check) }
        if hasValidation, let target, !check.table("validation").isOpen,
            check.table("validation")[target] == nil
        {
            check.reportMissing(target, at: "validation", why: "the target")
        }
        check.outputs["model"] = .model(
            ModelType(task: .classification, inputs: features, target: target))
        check.outputs["curve"] = .table(TrainingCurve.type)
    }

    /// Why a table must have a column that no transform names.
    static let learned = "which the model learns from"

    private static func checkTarget(
        _ check: inout StageCheck, _ table: TableType, _ transform: TransformType?
    ) -> String? {
        let asked = check.parameters["target"]?.string
        if let asked, let other = transform?.target, asked != other {
            check.report(ModelFinding.targetsDiffer(asked, transform: other), at: ["target"])
        }
        let byRole = table.columns.first { $0.role == .target }?.name
        guard let target = asked ?? transform?.target ?? byRole else {
            let isKnown = !table.isOpen && transform.map { !$0.inputs.isOpen } != false
            if isKnown { check.report(ModelFinding.noTarget, at: []) }
            return nil
        }
        if let column = table[target] {
            if !ClassLabels.isTarget(column.type) {
                check.report(ModelFinding.targetType(column: target, type: column.type), at: ["target"])
            }
        } else if !table.isOpen, asked == nil {
            check.reportMissing(target, at: "train", why: "the target")
        }
        if let transform, transform.target == nil || transform.target == target,
            transform.inputs[target] != nil
        {
            check.report(ModelFinding.targetIsFeature(target), at: ["target"])
        }
        return target
    }

    /// What is learned from without a transform, and a word on what is not.
    private static func numericFeatures(
        _ check: inout StageCheck, _ table: TableType, target: String?
    ) -> TableType {
        let free = table.columns.filter { $0.name != target && $0.role == nil }
        let features = free.filter { FittedTransform.isFeature($0.type) }
        let others = free.filter { !FittedTransform.isFeature($0.type) }.map(\.name)
        if features.isEmpty, !table.isOpen {
            check.report(ModelFinding.noFeatures, atInput: "train")
        } else if !others.isEmpty {
            check.report(ModelFinding.notLearnedFrom(others), atInput: "train")
        }
        return TableType(features.map { Column($0.name, $0.type) }, isOpen: table.isOpen)
    }

    /// Of what a transform gives: a text that no step has encoded.
    private static func isWithoutNumber(_ type: ColumnType) -> Bool {
        switch type {
        case .category, .text, .date, .timestamp: true
        case .boolean, .integer, .number, .vector, .image, .audio, .series, .json: false
        }
    }

    /// Whether a table has the columns that a transform or a model reads.
    ///
    /// - Parameter why: Who needs them, behind a comma.
    static func checkInputs(
        _ inputs: TableType, of port: String, why: String, _ check: inout StageCheck
    ) {
        let table = check.table(port)
        for input in inputs.columns {
            if let column = table[input.name] {
                guard !FeatureShape.isSameKind(column.type, input.type) else { continue }
                check.report(
                    StageLibraryFinding.columnChangedType(
                        column: input.name, type: column.type, expected: input.type), atInput: port)
            } else if !table.isOpen {
                check.reportMissing(input.name, at: port, why: why)
            }
        }
    }
}
