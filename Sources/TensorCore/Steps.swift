/// How a kernel or window goes over images, along rows (y) and columns (x).
public struct Steps: Hashable, Sendable {
    /// Pixels from one place to the next.
    public var stride: (y: Int, x: Int) { (strides[0], strides[1]) }
    /// Pixels beyond each border.
    public var padding: (y: Int, x: Int) { (paddings[0], paddings[1]) }
    /// Pixels from one tap to the next.
    public var dilation: (y: Int, x: Int) { (dilations[0], dilations[1]) }
    public let groups: Int

    private let strides: [Int]
    private let paddings: [Int]
    private let dilations: [Int]

    public init(
        stride: (y: Int, x: Int) = (1, 1), padding: (y: Int, x: Int) = (0, 0),
        dilation: (y: Int, x: Int) = (1, 1), groups: Int = 1
    ) {
        strides = [stride.y, stride.x]
        paddings = [padding.y, padding.x]
        dilations = [dilation.y, dilation.x]
        self.groups = groups
    }

    /// Along both axes alike.
    public init(stride: Int, padding: Int = 0, dilation: Int = 1, groups: Int = 1) {
        self.init(
            stride: (stride, stride), padding: (padding, padding), dilation: (dilation, dilation),
            groups: groups)
    }

    /// How many places a kernel of so many taps has along an axis.
    func places(_ axis: Int, _ size: Int, taps: Int) throws(TensorError) -> Int {
        let (stride, padding, dilation) = (strides[axis], paddings[axis], dilations[axis])
        guard stride >= 1, padding >= 0, dilation >= 1, taps >= 1 else {
            throw .rule(
                "a kernel of \(taps) with stride \(stride), padding \(padding) and dilation \(dilation): stride, "
                    + "dilation and kernel must be 1 or more, padding 0 or more")
        }
        let room = size + 2 * padding - dilation * (taps - 1) - 1
        guard room >= 0 else {
            throw .rule(
                "a kernel of \(taps) with dilation \(dilation) reaches over \(dilation * (taps - 1) + 1) pixels; "
                    + "images have \(size), with padding \(size + 2 * padding)")
        }
        return room / stride + 1
    }
}
