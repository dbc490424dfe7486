/// Sums over neighbouring numbers, in an order that depends on their count alone.
enum Vectors {
    private typealias Lanes = SIMD8<Double>
    private static let lanes = 8

    static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
        var sums = Lanes.zero
        var place = 0
        while place + lanes <= count {
            sums += load(a + place) * load(b + place)
            place += lanes
        }
        var sum = sums.sum()
        while place < count {
            sum += a[place] * b[place]
            place += 1
        }
        return sum
    }

    /// `target += factor * source`
    static func add(
        _ factor: Double, _ source: UnsafePointer<Double>, to target: UnsafeMutablePointer<Double>,
        _ count: Int
    ) {
        var place = 0
        while place + lanes <= count {
            store(load(target + place) + factor * load(source + place), target + place)
            place += lanes
        }
        while place < count {
            target[place] += factor * source[place]
            place += 1
        }
    }

    /// Turns two vectors by an angle.
    static func rotate(
        _ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>, cosine: Double, sine: Double,
        _ count: Int
    ) {
        var place = 0
        while place + lanes <= count {
            let (x, y) = (load(a + place), load(b + place))
            store(cosine * x - sine * y, a + place)
            store(sine * x + cosine * y, b + place)
            place += lanes
        }
        while place < count {
            let (x, y) = (a[place], b[place])
            a[place] = cosine * x - sine * y
            b[place] = sine * x + cosine * y
            place += 1
        }
    }

    @inline(__always)
    private static func load(_ pointer: UnsafePointer<Double>) -> Lanes {
        UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
    }

    @inline(__always)
    private static func store(_ lanes: Lanes, _ pointer: UnsafeMutablePointer<Double>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: Lanes.self)
    }
}
