import Charts
import Testing

@Suite struct NumberTextTests {
    @Test(arguments: [
        (0.0, 2, "0.00"), (-0.0, 1, "0.0"), (2.675, 2, "2.68"), (0.125, 2, "0.13"), (-0.004, 2, "0.00"),
        (-1.005, 2, "-1.01"), (0.999_95, 4, "1.0000"), (9.5, 0, "10"), (0.5, 0, "1"), (0.49, 0, "0"),
        (1234.5, 1, "1,234.5"), (999_999.96, 1, "1,000,000.0"), (1e-7, 4, "0.0000"), (0.000_06, 4, "0.0001"),
        (1e21, 0, "1,000,000,000,000,000,000,000"), (.leastNonzeroMagnitude, 3, "0.000"), (0.05, 1, "0.1"),
        (12.0, 3, "12.000"),
        (.nan, 2, "n/a"), (.infinity, 2, "n/a"), (-123456.789, 2, "-123,456.79"),
    ])
    func aNumberIsRoundedFromItsShortestDecimal(value: Double, places: Int, text: String) {
        #expect(NumberText.fixed(value, places) == text)
    }

    @Test func percentagesCountsAndShortestForms() {
        #expect(NumberText.percent(0.8125) == "81.3%")
        #expect(NumberText.percent(1, 0) == "100%")
        #expect(NumberText.percent(.nan) == "n/a")
        #expect(
            [0, 999, 1000, 1_234_567, -1000].map(NumberText.count) == [
                "0", "999", "1,000", "1,234,567", "-1,000",
            ])
        #expect([30.0, 0.003, -0.0].map(NumberText.shortest) == ["30", "0.003", "0"])
        #expect(
            [12.0, 12.04, 12.06, -0.25, -0.04].map(NumberText.coordinate) == [
                "12", "12", "12.1", "-0.3", "0",
            ])
    }

    @Test(arguments: [
        (0.0...1.0, 6, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.0...30.0, 6, ["0", "10", "20", "30"]), (1.0...2.0, 6, ["1.0", "1.2", "1.4", "1.6", "1.8", "2.0"]),
        (0.61...0.694, 6, ["0.62", "0.64", "0.66", "0.68"]),
        (-5.0...5.0, 6, ["-4", "-2", "0", "2", "4"]),
        (0.0...4_200_000.0, 5, ["0", "1,000,000", "2,000,000", "3,000,000", "4,000,000"]),
        (0.0...0.000_03, 4, ["0.00000", "0.00001", "0.00002", "0.00003"]),
    ])
    func ticksAreRoundAndShareTheirDecimals(range: ClosedRange<Double>, limit: Int, labels: [String]) {
        #expect(Tick.round(range, atMost: limit).map(\.label) == labels)
    }

    @Test func aTickIsTheDoubleItsLabelSays() {
        let ticks = Tick.round(0...1, atMost: 11)
        #expect(ticks.count == 11 && ticks[3].value == 0.3 && ticks[7].value == 0.7)
    }

    @Test(arguments: [1e-300...1e300, 0...Double.leastNonzeroMagnitude, 1e15...1e15 + 2, 0.1...0.1.nextUp])
    func extremeRangesHaveFewTicksOrNone(range: ClosedRange<Double>) {
        let ticks = Tick.round(range, atMost: 6)
        #expect(ticks.count <= 6 && ticks.allSatisfy { $0.value.isFinite })
    }

    @Test func sizesAreInTheUnitThatFits() {
        #expect(NumberText.bytes(1023) == "1023 B")
        #expect(NumberText.bytes(1536) == "1.5 KiB")
        #expect(NumberText.bytes(5 << 30) == "5.0 GiB")
    }
}
