public import CTensorKernels

/// Pools of images whose channels lie together.
extension ScalarReference {
    /// The elements of x under the window of each element of y, line by line.
    private static func windows(_ it: SluiceWindow, _ body: (_ element: Int, _ window: [Int]) -> Void) {
        for element in 0..<it.images * it.outHeight * it.outWidth * it.channels {
            let channel = element % it.channels
            let column = element / it.channels % it.outWidth
            let row = element / it.channels / it.outWidth % it.outHeight
            let image = element / it.channels / it.outWidth / it.outHeight
            var window: [Int] = []
            for y in 0..<it.windowHeight {
                for x in 0..<it.windowWidth {
                    let line = row * it.strideY - it.padTop + y
                    let place = column * it.strideX - it.padLeft + x
                    if (0..<it.height).contains(line), (0..<it.width).contains(place) {
                        window.append(((image * it.height + line) * it.width + place) * it.channels + channel)
                    }
                }
            }
            body(element, window)
        }
    }

    private static func lengths(_ it: SluiceWindow) -> (x: Int, y: Int) {
        (
            it.images * it.height * it.width * it.channels,
            it.images * it.outHeight * it.outWidth * it.channels
        )
    }

    public static func maxPool(_ window: SluiceWindow, _ x: [Float]) -> [Float] {
        var y = [Float](repeating: -.infinity, count: lengths(window).y)
        windows(window) { element, window in
            for i in window where x[i] > y[element] || x[i].isNaN { y[element] = x[i] }
        }
        return y
    }

    public static func maxPoolGradient(
        _ window: SluiceWindow, _ dy: [Float], _ x: [Float], _ y: [Float]
    ) -> [Float] {
        var dx = [Float](repeating: 0, count: lengths(window).x)
        windows(window) { element, window in
            if let i = window.first(where: { x[$0] == y[element] || x[$0].isNaN }) { dx[i] += dy[element] }
        }
        return dx
    }

    private static func share(_ it: SluiceWindow, _ window: [Int], _ countsPadding: Bool) -> Float {
        Float(countsPadding ? it.windowHeight * it.windowWidth : max(window.count, 1))
    }

    public static func averagePool(_ it: SluiceWindow, _ x: [Float], countsPadding: Bool) -> [Float] {
        var y = [Float](repeating: 0, count: lengths(it).y)
        windows(it) { element, window in
            y[element] = window.reduce(0) { $0 + x[$1] } / share(it, window, countsPadding)
        }
        return y
    }

    public static func averagePoolGradient(_ it: SluiceWindow, _ dy: [Float], countsPadding: Bool) -> [Float]
    {
        var dx = [Float](repeating: 0, count: lengths(it).x)
        windows(it) { element, window in
            for i in window { dx[i] += dy[element] / share(it, window, countsPadding) }
        }
        return dx
    }
}
