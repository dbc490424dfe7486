/// Decimals of Arrow and Parquet as numbers.
public enum DecimalNumber {
    /// Digits of decimals that are read: an Int64 holds every integer of eighteen.
    public static let digits = 18

    /// - Parameter units: The value times 10^scale.
    /// - Returns: The nearest number, rounded once since both numbers of the quotient are exact; nil where they are not.
    public static func number(_ units: Int64, scale: Int) -> Double? {
        units.magnitude <= 1 << 53 ? Double(units) / powers[scale] : nil
    }

    /// 10^0 to 10^22 are doubles.
    private static let powers: [Double] = (0...digits).map { (0..<$0).reduce(1) { power, _ in power * 10 } }
}
