import CTensorKernels

private enum Operation {
    case add, subtract, multiply, divide
    /// The second operand less, or divided by, the first.
    case subtractFrom, divideInto
}

@inline(__always)
private func combine(_ operation: Operation, _ a: Lanes, _ b: Lanes) -> Lanes {
    switch operation {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .subtractFrom: b - a
    case .divideInto: b / a
    }
}

@inline(__always)
private func combine(
    _ operation: Operation, _ y: Target, _ a: Source, _ b: Source, _ count: Int, _ past: Bool
) {
    let end = whole(count)
    var i = 0
    while i < end {
        put(combine(operation, load(a + i), load(b + i)), y + i, past)
        i &+= 16
    }
    if i < count {
        let rest = count - i
        let last = combine(operation, sluice_load_first(a + i, rest, 1), sluice_load_first(b + i, rest, 1))
        sluice_store_first(last, y + i, rest)
    }
}

@inline(__always)
private func combine(_ operation: Operation, _ y: Target, _ a: Source, _ b: Source, _ count: Int) {
    let past = streams(y, a, count) && UnsafePointer(y) != b
    combine(operation, y, a, b, count, past)
    if past { sluice_stream_end() }
}

@inline(__always)
private func combineScalar(_ operation: Operation, _ y: Target, _ a: Source, _ b: Float, _ count: Int) {
    let end = whole(count)
    let past = streams(y, a, count)
    var i = 0
    while i < end {
        put(combine(operation, load(a + i), all(b)), y + i, past)
        i &+= 16
    }
    if past { sluice_stream_end() }
    if i < count {
        let last = combine(operation, sluice_load_first(a + i, count - i, 1), all(b))
        sluice_store_first(last, y + i, count - i)
    }
}

@inline(__always)
private func combineRow(
    _ operation: Operation, _ y: Target, _ a: Source, _ b: Source, _ rows: Int, _ columns: Int
) {
    let past = columns & 15 == 0 && streams(y, a, rows * columns)
    var row = 0
    while row < rows {
        combine(operation, y + row * columns, a + row * columns, b, columns, past)
        row &+= 1
    }
    if past { sluice_stream_end() }
}

func add(_ y: Target, _ a: Source, _ b: Source, _ n: Int) { combine(.add, y, a, b, n) }
func subtract(_ y: Target, _ a: Source, _ b: Source, _ n: Int) { combine(.subtract, y, a, b, n) }
func multiply(_ y: Target, _ a: Source, _ b: Source, _ n: Int) { combine(.multiply, y, a, b, n) }
func divide(_ y: Target, _ a: Source, _ b: Source, _ n: Int) { combine(.divide, y, a, b, n) }

func addScalar(_ y: Target, _ a: Source, _ b: Float, _ n: Int) { combineScalar(.add, y, a, b, n) }
func scale(_ y: Target, _ a: Source, _ b: Float, _ n: Int) { combineScalar(.multiply, y, a, b, n) }
func divideByScalar(_ y: Target, _ a: Source, _ b: Float, _ n: Int) { combineScalar(.divide, y, a, b, n) }
func subtractFromScalar(_ y: Target, _ a: Source, _ b: Float, _ n: Int) {
    combineScalar(.subtractFrom, y, a, b, n)
}
func divideScalar(_ y: Target, _ a: Source, _ b: Float, _ n: Int) { combineScalar(.divideInto, y, a, b, n) }

func addRow(_ y: Target, _ a: Source, _ b: Source, _ rows: Int, _ columns: Int) {
    combineRow(.add, y, a, b, rows, columns)
}
func subtractRow(_ y: Target, _ a: Source, _ b: Source, _ rows: Int, _ columns: Int) {
    combineRow(.subtract, y, a, b, rows, columns)
}
func multiplyRow(_ y: Target, _ a: Source, _ b: Source, _ rows: Int, _ columns: Int) {
    combineRow(.multiply, y, a, b, rows, columns)
}
func divideRow(_ y: Target, _ a: Source, _ b: Source, _ rows: Int, _ columns: Int) {
    combineRow(.divide, y, a, b, rows, columns)
}

func fill(_ y: Target, _ count: Int, _ value: Float) {
    let end = whole(count)
    var i = 0
    while i < end {
        store(all(value), y + i)
        i &+= 16
    }
    if i < count { sluice_store_first(all(value), y + i, count - i) }
}
