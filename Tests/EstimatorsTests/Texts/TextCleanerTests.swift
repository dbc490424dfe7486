import CanonicalJSON
import Testing

@testable import Estimators

/// Goldens/Texts/make_cleaning.py states the peers' versions.
@Suite struct TextCleanerTests {
    private static let golden = Result { try Goldens.read("Texts/cleaning.json") }
    private static let plain = TextCleaning(removesControls: false, form: .keep, space: .keep)

    private static func cleaned(
        _ texts: [String], _ cleaning: TextCleaning
    ) -> (texts: [String], changes: [TextCleaning.Steps]) {
        var cleaner = TextCleaner(cleaning)
        let (list, changes) = TextList(texts).withBatch { cleaner.clean($0) }
        return ((0..<list.count).map { list[$0] }, changes)
    }

    private static func cleaned(_ text: String, _ change: (inout TextCleaning) -> Void) -> String {
        var cleaning = plain
        change(&cleaning)
        return cleaned([text], cleaning).texts[0]
    }

    private static func expectSame(_ ours: String, _ theirs: String, _ name: String) {
        // Equality of strings is canonical equivalence, which is not meant here.
        #expect(Array(ours.unicodeScalars) == Array(theirs.unicodeScalars), "\(name)")
    }

    @Test func `every scalar has the form KC that unicodedata gives it`() throws {
        let golden = try Self.golden.get()
        #expect(golden["unicodedata2"]?.string == UnicodeData.version)
        let blocks = try #require(golden["blocks"]?.strings)
        try #require(blocks.count == 0x110)
        var cleaning = Self.plain
        cleaning.form = .nfkc
        var cleaner = TextCleaner(cleaning)
        for (block, digest) in blocks.enumerated() {
            let scalars = (0..<4096).compactMap { Unicode.Scalar(UInt32(block << 12 + $0)) }
            let (list, _) = TextList(scalars.map { String($0) }).withBatch { cleaner.clean($0) }
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for row in 0..<list.count {
                for byte in (row == 0 ? [] : [0x0A]) + list.bytes(of: row) {
                    hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
                }
            }
            let hexadecimal = String(hash, radix: 16)
            let text = String(repeating: "0", count: 16 - hexadecimal.count) + hexadecimal
            #expect(text == digest, "block \(block)")
        }
    }

    @Test func `sequences have the form KC that unicodedata gives them`() throws {
        func text(_ scalars: String?) -> String {
            var text = ""
            for word in (scalars ?? "").split(separator: " ") {
                if let scalar = UInt32(word, radix: 16).flatMap(Unicode.Scalar.init) {
                    text.unicodeScalars.append(scalar)
                }
            }
            return text
        }
        let sequences = try #require(try Self.golden.get()["sequences"]?.array)
        try #require(sequences.count > 1000)
        for pair in sequences {
            let (raw, form) = (text(pair.array?[0].string), text(pair.array?[1].string))
            Self.expectSame(Self.cleaned(raw) { $0.form = .nfkc }, form, pair.canonicalText)
            Self.expectSame(Self.cleaned(form) { $0.form = .nfkc }, form, "again " + pair.canonicalText)
        }
    }

    @Test func `references are what html.unescape makes of them`() throws {
        let references = try #require(try Self.golden.get()["references"]?.array)
        try #require(references.count == 40)
        for pair in references {
            let strings = pair.strings ?? []
            Self.expectSame(Self.cleaned(strings[0]) { $0.removesMarkup = true }, strings[1], strings[0])
        }
    }

    @Test(arguments: [
        ("a<b>bo</b>ld", "abold"), ("one<br>two<br/>three", "one two three"),
        ("<p>one</p><p>two</p>", "one two "),
        ("<div class=\"a>b\" title='>'>x</div>", "x "), ("a <!-- b > c --> d", "a  d"),
        ("<!DOCTYPE html>x", "x"),
        ("<?php echo 1 ?>x", "x"), ("a<script>if (a < b) { x = '</b>' }</script>b", "a b"),
        ("<STYLE type=text/css>p > a { }</STYLE >x", "x"), ("1 < 2 && 3 > 2", "1 < 2 && 3 > 2"),
        ("a<b", "a<b"),
        ("x <- y -> z", "x <- y -> z"), ("<3 love >", "<3 love >"),
        ("I <b>love</b> it &amp; &lt;you&gt;", "I love it & <you>"),
        ("<!-- never closed", "<!-- never closed"), ("a <script> b > c", "a  b > c"), ("<!-->a<!--->b", "ab"),
        ("</>", "</>"), ("<a href='x'", "<a href='x'"), ("<a \"unclosed>text", "text"),
        ("&lt;b&gt;<i>", "<b>"),
        ("<svg:g>x", "x"), ("no markup", "no markup"), ("", ""), ("<", "<"), ("&", "&"), ("<!", "<!"),
        ("a\n<li>b", "a\nb"),
    ])
    func `markup goes, and what only looks like it stays`(text: String, expected: String) {
        #expect(Self.cleaned(text) { $0.removesMarkup = true } == expected)
    }

    @Test func `broken markup takes no more time than its length`() {
        for piece in ["<a \">\"", "<script>", "<!--", "<a '", "<", "&", "<a>&#", "<style", "<!-", "<a \"'>"] {
            let text = String(repeating: piece, count: 200_000)
            let result = Self.cleaned(text + ">") { $0.removesMarkup = true }
            #expect(result.utf8.count <= text.utf8.count + 1)
        }
    }

    @Test(arguments: [
        ("good 👍🏽 job", "good  job"), ("so😀sad", "so sad"), ("👨‍👩‍👧‍👦", ""), ("🇩🇪 flag", " flag"),
        ("1️⃣ one, 2⃣ two, 3", " one,  two, 3"),
        ("© 2020™ ℹ", "© 2020™ ℹ"), ("©\u{FE0F}", ""), ("love ❤ and ❤️", "love  and "), ("→ ✓", "→ ✓"),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿!", "!"), ("好😀😀吧", "好 吧"),
        ("a\u{200D}b", "a\u{200D}b"), ("🏳️‍🌈x", "x"), ("#hash *", "#hash *"), ("☕️", ""), ("日本語", "日本語"),
    ])
    func `emoji go with all that belongs to them`(text: String, expected: String) {
        Self.expectSame(Self.cleaned(text) { $0.removesEmoji = true }, expected, text)
    }

    @Test func `widths become the usual ones, all else stays`() {
        Self.expectSame(
            Self.cleaned("ＡＢＣ１２３，。！　ｶﾞｷﾞﾊﾟｱﾞ　￥￦￣　ﾡￂ①ﬁ²ｱﾟ") { $0.form = .width },
            "ABC123,。! ガギパア\u{3099} ¥₩¯ ㄱㅏ①ﬁ²ア\u{309A}", "widths")
        #expect(Self.cleaned("ＡＢＣ①ﬁ²") { $0.form = .nfkc } == "ABC1fi2")
    }

    @Test func `controls go, white space and joiners stay`() {
        Self.expectSame(
            Self.cleaned(
                "\u{FEFF}a\u{0}b\u{7}\tc\r\nd\u{AD}e\u{200B}f\u{200D}g\u{202E}h\u{85}i\u{9F}\u{7F}\u{1C}"
            ) {
                $0.removesControls = true
            }, "ab\tc\r\ndef\u{200D}gh\u{85}i", "controls")
    }

    @Test func `white space is folded`() {
        let text = "\u{3000} a\t\tb \u{A0}\r\n\n c\u{2028}d  "
        #expect(Self.cleaned(text) { $0.space = .fold } == "a b c d")
        #expect(Self.cleaned(text) { $0.space = .lines } == "a b\nc\nd")
        #expect(Self.cleaned(" \n ") { $0.space = .fold } == "")
    }

    @Test func `steps that changed a text are named`() {
        let all = TextCleaning(removesMarkup: true, removesEmoji: true)
        let (texts, changes) = Self.cleaned(
            ["plain", "<b>x</b>", "x 😀", "x\u{0}", "ｘ", " x", "<p>&nbsp;ｘ😀\u{0}  y", "é", "e\u{301}", ""], all
        )
        #expect(texts == ["plain", "x", "x", "x", "x", "x", "x y", "é", "é", ""])
        #expect(
            changes == [
                [], .markup, [.emoji, .space], .controls, .form, .space,
                [.markup, .emoji, .controls, .form, .space], [],
                .form, [],
            ])
        let everything = "<b>😀\u{0}ｘ  "
        let (kept, unchanged) = Self.cleaned([everything], Self.plain)
        #expect(kept == [everything] && unchanged == [[]])
    }

    @Test func `damaged texts do no harm`() {
        var source = OrderStatisticsTests.RandomSource(state: 3)
        let intact = Array(
            "<p title=\"é\">ﬁ e\u{301} 각 &eacute; &#x1F600; 😀👨‍👩‍👧 ｶﾞ\u{0} \u{3000}</p><!-- x -->".utf8)
        let all = TextCleaning(removesMarkup: true, removesEmoji: true)
        var cleaner = TextCleaner(all)
        var width = TextCleaner(TextCleaning(form: .width, space: .lines))
        for round in 0..<4000 {
            var text = round < intact.count ? Array(intact[..<round]) : intact
            for _ in 0..<(round % 4) where !text.isEmpty {
                text[Int(source.next() % UInt64(text.count))] = UInt8(source.next() & 255)
            }
            text.withUnsafeBufferPointer { text in
                cleaner.clean(text) { made, _ in #expect(made.count <= 12 * text.count) }
                width.clean(text) { made, _ in #expect(made.count <= 3 * text.count) }
            }
        }
    }

    @Test func `letters and words are those that Swift's tables know`() {
        var compared = 0
        for value in UInt32(0)..<0x110000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let properties = scalar.properties
            guard properties.generalCategory != .unassigned else { continue }
            compared += 1
            let lower = String(properties.lowercaseMapping).unicodeScalars
            if lower.count == 1, let small = lower.first {
                #expect(Int32(small.value) - Int32(value) == UnicodeTables.lowercase[value], "\(value)")
            }
            let isLetter: Bool =
                switch properties.generalCategory {
                case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
                default: scalar == "_" || properties.numericType != nil
                }
            #expect(isLetter == (UnicodeTables.words[value] != 0), "\(value)")
            #expect(
                UnicodeTables.classes[value] == Int32(properties.canonicalCombiningClass.rawValue), "\(value)"
            )
        }
        #expect(compared > 250_000)
    }
}
