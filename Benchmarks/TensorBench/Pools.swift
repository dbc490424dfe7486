import BenchLoop
import CTensorKernels
import TensorKernels

extension Case {
    /// Pools of 32 images of 56 by 56 with 64 channels, which lie together.
    static var pools: [Case] {
        [
            maxPool("max pool 2x2 of 32x64x56x56", window: 2, pad: 0),
            maxPool("max pool 3x3 of 32x64x56x56", window: 3, pad: 1),
        ]
    }

    private static func maxPool(_ name: String, window: Int, pad: Int) -> Case {
        Case(name: name) {
            let kernels = KernelLevel.current.kernels
            var shape = SluiceWindow(
                images: 32, height: 56, width: 56, channels: 64, windowHeight: window, windowWidth: window,
                strideY: 2, strideX: 2, padTop: pad, padLeft: pad, outHeight: 28, outWidth: 28)
            let (x, y) = (floats(32 * 56 * 56 * 64), floats(32 * 28 * 28 * 64))
            return { kernels.maxPool(&shape, y, x, 0, 32 * 28) }
        }
    }
}
