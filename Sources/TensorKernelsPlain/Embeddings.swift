import CTensorKernels

func gatherRows(_ y: Target, _ table: Source, _ ids: UnsafePointer<Int32>, _ count: Int, _ columns: Int) {
    let end = whole(columns)
    var to = y
    var row = 0
    while row < count {
        let from = table + Int(ids[row]) &* columns
        var i = 0
        while i < end {
            store(load(from + i), to + i)
            i &+= 16
        }
        if i < columns {
            sluice_store_first(sluice_load_first(from + i, columns &- i, 0), to + i, columns &- i)
        }
        to += columns
        row &+= 1
    }
}

/// Rows of one id stand together in `order`, in the order of their numbers;
/// they are folded as in `columnSums`, leaves cut from the rows' own numbers, and
/// leaves that hold none of them passed over.
func scatterAddRows(
    _ table: Target, _ dy: Source, _ order: UnsafePointer<Int32>, _ ids: UnsafePointer<Int32>, _ count: Int,
    _ columns: Int, _ segment: Int
) {
    var start = 0
    while start < count {
        let id = ids[Int(order[start])]
        var end = start &+ 1
        while end < count, ids[Int(order[end])] == id { end &+= 1 }
        let to = table + Int(id) &* columns
        var column = 0
        while column &+ 64 <= columns {
            var sum = quad(0)
            var i = start
            while i < end {
                let isFirst = i == start
                let limit = leafLimit(Int(order[i]), segment)
                var leaf = quad(0)
                while i < end, Int(order[i]) < limit {
                    leaf = leaf + loadQuad(dy + (Int(order[i]) &* columns &+ column))
                    i &+= 1
                }
                sum = isFirst ? leaf : sum + leaf
            }
            put(loadQuad(UnsafePointer(to + column)) + sum, to + column, false)
            column &+= 64
        }
        while column < columns {
            let width = columns &- column
            var sum = all(0)
            var i = start
            while i < end {
                let isFirst = i == start
                let limit = leafLimit(Int(order[i]), segment)
                var leaf = all(0)
                while i < end, Int(order[i]) < limit {
                    leaf = leaf + loadUpTo16(dy + (Int(order[i]) &* columns &+ column), width)
                    i &+= 1
                }
                sum = isFirst ? leaf : sum + leaf
            }
            storeUpTo16(loadUpTo16(to + column, width) + sum, to + column, width)
            column &+= 16
        }
        start = end
    }
}

/// Behind the last row of the leaf that holds `row`.
@inline(__always)
private func leafLimit(_ row: Int, _ segment: Int) -> Int {
    segment <= 0 ? .max : (row / segment &+ 1) &* segment
}
