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

    @Test func theFirstEditionThatIsInstalledIsTheLibrary() {
        func library(_ editions: [(String, String)]) -> DynamicLibrary {
            DynamicLibrary(SystemLibrary("a library", editions, for: ["a.kind"], "tests"))
        }
        let (here, absent, other) = (
            ("libm.so.6", "libc6"), ("libnowhere.so.7", "libnowhere7"), ("libx.so.0", "libx0")
        )
        #expect(library([absent, here]).file == "libm.so.6")
        #expect(library([here, absent]).file == "libm.so.6")
        let none = library([other, absent])
        #expect(!none.isInstalled)
        #expect((none.file, none.package) == absent)
    }

    @Test func theListOfLibrariesIsSorted() {
        let names = SystemLibrary.all.map(\.name)
        #expect(names == names.sorted() && Set(names).count == names.count)
        #expect(SystemLibrary.all.allSatisfy { !$0.editions.isEmpty && !$0.kinds.isEmpty })
    }

    @Test func aFunctionThatIsNotThereIsNamed() {
        let library = DynamicLibrary("libm.so.6", package: "libc6")
        #expect(throws: DynamicLibraryError.tooOld(file: "libm.so.6", package: "libc6", function: "no_such"))
        {
            try library.function("no_such", as: (@convention(c) () -> Void).self)
        }
    }
}
