import Diagnostics
@_spi(_Unicode) import Swift
import YAMLSyntax

/// Names of stages, ports and parameters: letters and digits of any script,
/// `_` and `-`, at least one, in NFC.
enum Name {
    static func isValid(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy(isPart)
    }

    /// Reports a key that is no name.
    static func check(_ key: Node, into findings: inout Diagnostics) {
        let name = key.text ?? ""
        if ReferenceScanner.mayHoldReference(name) {
            findings.add(LanguageFinding.referenceInKey, at: key.range)
        } else if !isValid(name) {
            findings.add(LanguageFinding.badName(name), at: key.range)
        } else if !isNormal(name) {
            findings.add(LanguageFinding.nameNotNormal(name), at: key.range)
        }
    }

    /// Whether it is in NFC. Two spellings of one name would be two names in
    /// the lock and in paths, so only one is taken.
    static func isNormal(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 < 0x80 } || text._nfc.elementsEqual(text.unicodeScalars)
    }

    static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", "-": return true
            default: return false
            }
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .nonspacingMark, .spacingMark:
            return true
        default: return false
        }
    }
}
