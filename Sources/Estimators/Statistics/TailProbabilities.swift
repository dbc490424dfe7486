import TensorKernels

/// How likely a statistic would be as large by chance. Made of `+ - * /`, square root and `Elementary` alone, within 1e-12
/// of scipy's.
public enum TailProbabilities {
    /// Of Kolmogorov's limiting distribution, above `x`.
    ///
    /// Source: W. Feller, "On the Kolmogorov-Smirnov limit theorems for empirical distributions", 1948: the two forms of
    /// the series, each where it converges at once.
    public static func kolmogorov(_ x: Double) -> Double {
        if !(x > 0) { return 1 }
        if x < 1 {
            let exponent = -Double.pi * Double.pi / (8 * x * x)
            var sum = 0.0
            for k in stride(from: 1.0, through: 9, by: 2) { sum += Elementary.exp(k * k * exponent) }
            return 1 - (2 * Double.pi).squareRoot() / x * sum
        }
        var sum = 0.0
        for k in 1...6 {
            let term = Elementary.exp(-2 * Double(k * k) * x * x)
            sum += k % 2 == 1 ? term : -term
        }
        return min(1, 2 * sum)
    }

    /// Of the chi-square distribution, above `x`.
    ///
    /// Source: NIST Digital Library of Mathematical Functions, 8.11.4 (series) and 8.9.2 (continued fraction) of the
    /// incomplete gamma functions.
    ///
    /// - Precondition: At least one degree of freedom.
    /// - Complexity: O(degrees + sqrt(x)).
    public static func chiSquare(_ x: Double, degrees: Int) -> Double {
        precondition(degrees >= 1, "\(degrees) degrees of freedom")
        guard x > 0 else { return 1 }
        if !x.isFinite { return 0 }
        let (a, z) = (Double(degrees) / 2, x / 2)
        let front = Elementary.exp(a * Elementary.log(z) - z - logGamma(twice: degrees))
        if z < a + 1 {
            var (term, sum) = (1 / a, 1 / a)
            var n = a
            while term > sum * 1e-17 {
                n += 1
                term *= z / n
                sum += term
            }
            return max(0, 1 - front * sum)
        }
        // Lentz's method.
        var b = z + 1 - a
        var (c, d) = (1e300, 1 / b)
        var fraction = d
        for i in 1...100_000 {
            let numerator = -Double(i) * (Double(i) - a)
            b += 2
            d = 1 / (numerator * d + b)
            c = b + numerator / c
            fraction *= d * c
            if (d * c - 1).magnitude < 1e-16 { break }
        }
        return min(1, front * fraction)
    }

    /// log of the gamma function of half a whole number, from that of 1 or 1/2 upwards.
    private static func logGamma(twice: Int) -> Double {
        var (sum, product) = (0.0, twice % 2 == 0 ? 1 : Double.pi.squareRoot())
        for step in stride(from: twice % 2 == 0 ? 2 : 1, to: twice, by: 2) {
            product *= Double(step) / 2
            if product > 1e280 { (sum, product) = (sum + Elementary.log(product), 1) }
        }
        return sum + Elementary.log(product)
    }
}
