/// One thread's search for neighbours of some rows at a time.
struct NeighborSearch: ~Copyable {
    /// Rows that are compared together.
    static let rows = 8

    private let donors: NeighborDonors
    private let imputer: NeighborImputer
    /// Of each row those to all groups; squared.
    private let distances: UnsafeMutablePointer<SIMD8<Double>>
    /// The nearest donors so far, nearest first.
    private var nearest: [(distance: Double, row: Int)] = []

    init(_ donors: NeighborDonors, _ imputer: NeighborImputer) {
        self.donors = donors
        self.imputer = imputer
        distances = .allocate(capacity: Self.rows * donors.groups)
    }

    deinit { distances.deallocate() }

    /// Fills what rows lack, each by the values it had.
    ///
    /// - Precondition: They are at most `NeighborSearch.rows`.
    mutating func fill(_ rows: ArraySlice<UnsafeMutablePointer<Double>>) {
        let present = rows.map { donors.present(in: $0) }
        for start in stride(from: 0, to: donors.groups, by: donors.block) {
            let range = start..<min(start + donors.block, donors.groups)
            for (place, row) in rows.enumerated() {
                donors.squaredDistances(
                    of: row, present[place], in: range, to: distances + place * donors.groups)
            }
        }
        for (place, row) in rows.enumerated() {
            for column in (0..<donors.columns).filter({ row[$0].isNaN }) {
                find(column, distances + place * donors.groups)
                row[column] = nearest.isEmpty ? imputer.means[column] : mean(column)
            }
        }
    }

    /// The nearest donors that have a column; those that cannot be compared are none.
    private mutating func find(_ column: Int, _ distances: UnsafePointer<SIMD8<Double>>) {
        nearest.removeAll(keepingCapacity: true)
        var worst = Double.infinity
        for group in 0..<donors.groups {
            let own = distances[group]
            // Seldom is one of the eight near enough; a NaN never is.
            guard any(own .<= worst) else { continue }
            let presence = donors.presence(group: group, column: column)
            for lane in 0..<NeighborDonors.lanes where own[lane] <= worst && presence >> UInt8(lane) & 1 == 1
            {
                insert(own[lane], row: group * NeighborDonors.lanes + lane)
                if nearest.count == imputer.neighbors { worst = nearest[nearest.count - 1].distance }
            }
        }
    }

    /// Rows come in ascending order, so behind those at the same distance.
    private mutating func insert(_ distance: Double, row: Int) {
        if nearest.count == imputer.neighbors {
            if distance >= nearest[nearest.count - 1].distance { return }
            nearest.removeLast()
        }
        let place = SortedSearch.first(nearest.count) { nearest[$0].distance > distance }
        nearest.insert((distance, row), at: place)
    }

    private func mean(_ column: Int) -> Double {
        var (sum, total) = (0.0, 0.0)
        let isExact = nearest[0].distance == 0
        for (distance, row) in nearest {
            let weight: Double
            switch imputer.weights {
            case .uniform: weight = 1
            case .distance: weight = isExact ? (distance == 0 ? 1 : 0) : 1 / distance.squareRoot()
            }
            sum += weight * donors.value(row: row, column: column)
            total += weight
        }
        // Distances beyond all numbers have no inverse.
        let mean = sum / total
        return mean.isFinite ? mean : imputer.means[column]
    }
}
