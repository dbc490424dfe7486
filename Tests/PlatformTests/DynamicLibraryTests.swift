import Platform
import Testing

@Suite struct DynamicLibraryTests {
    @Test func aFunctionOfAnInstalledLibraryIsCalled() throws {
        let library = DynamicLibrary("libm.so.6", package: "libc6")
        #expect(library.isInstalled)
        let round = try library.function("floor", as: (@convention(c) (Double) -> Double).self)
        #expect(round(2.75) == 2)
    }

    @Test func whatIsMissingNamesItsPackage() {
        let library = DynamicLibrary("libnowhere.so.7", package: "libnowhere7")
        #expect(!library.isInstalled)
        #expect(throws: DynamicLibraryError.missing(file: "libnowhere.so.7", package: "libnowhere7")) {
            try library.function("f", as: (@convention(c) () -> Void).self)
        }
        #expect(
            "\(DynamicLibraryError.missing(file: "libnowhere.so.7", package: "libnowhere7"))"
                == "libnowhere.so.7 is not installed; install it: apt install libnowhere7")
    }

    @Test func aFunctionThatIsNotThereIsNamed() {
        let library = DynamicLibrary("libm.so.6", package: "libc6")
        #expect(throws: DynamicLibraryError.tooOld(file: "libm.so.6", package: "libc6", function: "no_such"))
        {
            try library.function("no_such", as: (@convention(c) () -> Void).self)
        }
    }
}
