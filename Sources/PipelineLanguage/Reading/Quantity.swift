/// Durations and sizes as people write them.
public enum Quantity {
    /// `90`, `90s`, `1.5m`, `2h`, `7d` in seconds; nil for anything else.
    public static func seconds(_ text: String) -> Double? {
        amount(text, units: [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1), ("", 1)])
    }

    /// `1024`, `2GiB`, `500MB` in bytes; nil for anything else.
    static func bytes(_ text: String) -> Int64? {
        let units: [(String, Double)] = [
            ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
            ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1), ("", 1),
        ]
        return amount(text, units: units).flatMap { Int64(exactly: $0.rounded()) }
    }

    private static func amount(_ text: String, units: [(suffix: String, factor: Double)]) -> Double? {
        for unit in units where text.hasSuffix(unit.suffix) {
            let digits = text.dropLast(unit.suffix.count)
            guard digits.first?.isNumber == true,
                digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
                let number = Double(digits), number > 0
            else { continue }
            return number * unit.factor
        }
        return nil
    }
}
