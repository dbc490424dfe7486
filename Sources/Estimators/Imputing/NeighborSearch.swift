/// One thread's search for neighbours, row after row.
struct NeighborSearch: ~Copyable {
    private let donors: NeighborDonors
    private let imputer: NeighborImputer
    private let distances: UnsafeMutablePointer<SIMD8<Double>>
    /// The nearest donors so far, nearest first; squared.
    private var nearest: [(distance: Double, row: Int)] = []

    init(_ donors: NeighborDonors, _ imputer: NeighborImputer) {
        self.donors = donors
        self.imputer = imputer
        distances = .allocate(capacity: donors.groups)
    }

    deinit { distances.deallocate() }

    /// Fills what a row lacks, all by the values it had.
    mutating func fill(_ row: UnsafeMutablePointer<Double>) {
        donors.squaredDistances(of: row, to: distances)
        let lacking = (0..<donors.columns).filter { row[$0].isNaN }
        for column in lacking {
            find(column)
            row[column] = nearest.isEmpty ? imputer.means[column] : mean(column)
        }
    }

    /// The nearest donors that have a column; those that cannot be compared are none.
    private mutating func find(_ column: Int) {
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
