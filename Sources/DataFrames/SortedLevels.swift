/// Levels of a category in the order in which they are written, where nobody told them: sorted by their bytes.
public struct SortedLevels: Sendable {
    public let levels: [String]
    /// Of each text its place among the levels.
    public let places: [Int32]

    /// - Parameter texts: In the order they were met.
    /// - Complexity: O(n log n).
    public init(_ texts: some Sequence<String>) {
        var seen: Set<TextKey> = []
        let levels = texts.filter { seen.insert(TextKey($0)).inserted }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let known = TextPlaces(levels)
        self.levels = levels
        places = texts.map { known[$0]! }
    }
}

extension DataColumn {
    /// The same values, levels in the order of their bytes, as the writer of a table leaves them.
    public var sortedLevels: DataColumn {
        guard case .dictionary(let indices, let levels) = storage else { return self }
        let order = SortedLevels(levels)
        let sorted =
            order.places.isEmpty
            ? indices : indices.indices.map { isValid($0) ? order.places[Int(indices[$0])] : 0 }
        return DataColumn(
            name, type, .dictionary(indices: sorted, levels: order.levels), validity: validity)
    }
}
