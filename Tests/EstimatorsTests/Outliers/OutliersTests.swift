import CanonicalJSON
import Estimators
import Testing

@Suite struct OutliersTests {
    @Test func quantilesHaveTheBitsOfNumpy() throws {
        let golden = try Goldens.read("quantiles.json")
        let cases = try #require(golden["cases"]?.array)
        try #require(cases.count == 6)
        let probabilities = Goldens.numbers(golden["probabilities"])
        for one in cases {
            let values = Goldens.numbers(one["values"])
            #expect(Quantiles.linear(values, probabilities) == Goldens.numbers(one["quantiles"]))
        }
    }

    @Test func nullsAreNeitherCountedNorFlagged() throws {
        let values: [Double] = [1, .nan, 2, 3, 4, 100, .nan]
        let fences = try #require(Outliers(iqrOf: values))
        #expect([fences.firstQuartile, fences.thirdQuartile, fences.lower, fences.upper] == [2, 4, -1, 7])
        #expect(fences.flags(values) == [false, false, false, false, false, true, false])
        #expect(fences.flags([-1, 7, -1.5, 7.5]) == [false, false, true, true])
        #expect(Outliers(iqrOf: values, factor: 48)?.flags([100, 101]) == [false, true])
    }

    @Test func aColumnWithoutSpreadOrValuesHasTheFencesItCanHave() {
        #expect(Outliers(iqrOf: [5, 5, 5])?.flags([5, 5.1, 4.9]) == [false, true, true])
        #expect(Outliers(iqrOf: [5])?.flags([5]) == [false])
        #expect(Outliers(iqrOf: [.nan]) == nil)
        #expect(Outliers(iqrOf: [.infinity, .infinity, 1]) == nil)
        #expect(Quantiles.linear([], [0.5]) == nil)
    }
}
