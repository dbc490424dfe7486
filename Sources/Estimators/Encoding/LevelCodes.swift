/// Levels as codes: -1 where there is none (null), else from 0 on; what lies beyond the levels that were there when
/// something was learned is unseen.
enum LevelCodes {
    static let levelsRange = OptionRange.whole("levels", from: 0, to: Int(Int32.max))

    /// - Throws: If a code is no level.
    static func check(_ codes: [Int32], levels: Int) throws(EstimatorError) {
        try levelsRange.check(levels)
        if let row = codes.firstIndex(where: { $0 < -1 || Int($0) >= levels }) {
            throw .label(Int(codes[row]), row: row, classes: levels)
        }
    }
}
