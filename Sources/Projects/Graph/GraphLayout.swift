/// Where the nodes of a graph stand: in layers by the longest way to each,
/// ordered inside a layer so that edges cross little, spread so that nothing
/// overlaps and edges run straight.
///
/// Source: K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding
/// of hierarchical system structures", IEEE Trans. SMC 11 (1981).
struct GraphLayout {
    /// A node, or a bend of an edge that passes a layer.
    struct Place {
        var node: Int?
        var layer: Int
        var width: Double
        /// The middle.
        var x: Double = 0
    }

    /// Between the sides of neighbours in a layer.
    static let gap = 28.0
    private static let sweeps = 12

    private(set) var places: [Place]
    /// Places of each layer from left to right.
    private(set) var layers: [[Int]]
    /// For each arrow of the graph the places it passes, ends included.
    private(set) var routes: [[Int]] = []
    private var above: [[Int]]
    private var below: [[Int]]

    /// - Parameter widths: Of every node.
    init(_ graph: PipelineGraph, widths: [Double]) {
        let arrows = graph.arrows
        var depths = graph.depths
        // A file stands just above the first stage that reads it.
        for (number, node) in graph.nodes.enumerated() where node.role == .source {
            let readers = arrows.filter { $0.from == number }.map { depths[$0.to] }
            depths[number] = max(0, (readers.min() ?? 1) - 1)
        }
        places = graph.nodes.indices.map { Place(node: $0, layer: depths[$0], width: widths[$0]) }
        for arrow in arrows {
            var route = [arrow.from]
            for layer in (depths[arrow.from] + 1)..<max(depths[arrow.to], depths[arrow.from] + 1) {
                route.append(places.count)
                places.append(Place(node: nil, layer: layer, width: 4))
            }
            routes.append(route + [arrow.to])
        }
        above = Array(repeating: [], count: places.count)
        below = Array(repeating: [], count: places.count)
        for route in routes {
            for (upper, lower) in zip(route, route.dropFirst()) {
                above[lower].append(upper)
                below[upper].append(lower)
            }
        }
        layers = Array(repeating: [], count: (depths.max() ?? -1) + 1)
        for place in places.indices { layers[places[place].layer].append(place) }
        order()
        spread()
    }

    /// Barycentre ordering, downwards and upwards in turn; the best order seen stays.
    private mutating func order() {
        var best = layers
        var fewest = crossings()
        for sweep in 0..<Self.sweeps where fewest > 0 {
            let isDown = sweep.isMultiple(of: 2)
            let numbers = isDown ? Array(layers.indices.dropFirst()) : layers.indices.dropLast().reversed()
            for layer in numbers {
                let positions = self.positions(of: isDown ? layer - 1 : layer + 1)
                let keys = layers[layer].enumerated().map { index, place -> (Double, Int, Int) in
                    let neighbours = isDown ? above[place] : below[place]
                    guard !neighbours.isEmpty else { return (Double(index), index, place) }
                    let sum = neighbours.reduce(0) { $0 + (positions[$1] ?? 0) }
                    return (Double(sum) / Double(neighbours.count), index, place)
                }
                layers[layer] = keys.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
            }
            let now = crossings()
            if now < fewest { (best, fewest) = (layers, now) }
        }
        layers = best
    }

    private func positions(of layer: Int) -> [Int: Int] {
        Dictionary(uniqueKeysWithValues: layers[layer].enumerated().map { ($1, $0) })
    }

    /// Crossings of edges between neighbouring layers: inversions, counted by merging.
    private func crossings() -> Int {
        var total = 0
        for layer in layers.indices.dropFirst() {
            let positions = self.positions(of: layer)
            let ends = layers[layer - 1].flatMap { upper in below[upper].compactMap { positions[$0] }.sorted()
            }
            total += Self.inversions(ends)
        }
        return total
    }

    static func inversions(_ values: [Int]) -> Int {
        guard values.count > 1 else { return 0 }
        var sorted = values
        var count = 0
        var width = 1
        while width < sorted.count {
            var merged: [Int] = []
            merged.reserveCapacity(sorted.count)
            for start in stride(from: 0, to: sorted.count, by: 2 * width) {
                let middle = min(start + width, sorted.count)
                let end = min(start + 2 * width, sorted.count)
                var (left, right) = (start, middle)
                while left < middle || right < end {
                    if right == end || (left < middle && sorted[left] <= sorted[right]) {
                        merged.append(sorted[left])
                        left += 1
                    } else {
                        count += middle - left
                        merged.append(sorted[right])
                        right += 1
                    }
                }
            }
            sorted = merged
            width *= 2
        }
        return count
    }

    /// Moves every layer towards its neighbours, first down and then up.
    private mutating func spread() {
        for layer in layers.indices { settle(layer, wishes: layers[layer].map { places[$0].x }) }
        for sweep in 0..<Self.sweeps {
            let isDown = sweep.isMultiple(of: 2)
            for layer in isDown ? Array(layers.indices) : layers.indices.reversed() {
                let wishes = layers[layer].map { place in
                    let neighbours = isDown ? above[place] : below[place]
                    guard !neighbours.isEmpty else { return places[place].x }
                    return neighbours.reduce(0) { $0 + places[$1].x } / Double(neighbours.count)
                }
                settle(layer, wishes: wishes)
            }
        }
        let left = places.map { $0.x - $0.width / 2 }.min() ?? 0
        for place in places.indices { places[place].x -= left }
    }

    /// Places a layer as near to what is wished for as its order and widths
    /// allow, in the sense of least squares: neighbours that would overlap
    /// become a block that stands where its members wish on average.
    private mutating func settle(_ layer: Int, wishes: [Double]) {
        var offset = 0.0
        var offsets: [Double] = []
        var blocks: [(sum: Double, count: Int)] = []
        for (index, place) in layers[layer].enumerated() {
            if index > 0 {
                offset += places[layers[layer][index - 1]].width / 2 + Self.gap + places[place].width / 2
            }
            offsets.append(offset)
            blocks.append((wishes[index] - offset, 1))
            while blocks.count > 1 {
                let (last, before) = (blocks[blocks.count - 1], blocks[blocks.count - 2])
                guard before.sum / Double(before.count) > last.sum / Double(last.count) else { break }
                blocks.removeLast(2)
                blocks.append((before.sum + last.sum, before.count + last.count))
            }
        }
        var index = 0
        for block in blocks {
            for _ in 0..<block.count {
                places[layers[layer][index]].x = block.sum / Double(block.count) + offsets[index]
                index += 1
            }
        }
    }
}
