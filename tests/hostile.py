"""Small files that cost much, by name."""
import io
import zipfile
import zlib


def pdf(objects, trailer_root=1):
    out=io.BytesIO(); out.write(b"%PDF-1.5\n"); at=[]
    for k,o in enumerate(objects,1):
        at.append(out.tell()); out.write(b"%d 0 obj\n"%k+o+b"\nendobj\n")
    x=out.tell(); out.write(b"xref\n0 %d\n0000000000 65535 f \n"%(len(objects)+1))
    for a in at: out.write(b"%010d 00000 n \n"%a)
    out.write(b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF"%(len(objects)+1,x)); return out.getvalue()
def stream(data, extra=b""): return b"<< /Length %d %s >>\nstream\n"%(len(data),extra)+data+b"\nendstream"
def page(content, font=b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", extra=b"", more=()):
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> "+extra+b" >> >>", content, font, *more])
TXT=b"BT /F1 12 Tf 10 700 Td (Hello there, this is a page.) Tj ET "
FL=b"/Filter /FlateDecode"
def docx(body, ratio_pad=0):
    b=io.BytesIO(); z=zipfile.ZipFile(b,"w",zipfile.ZIP_DEFLATED)
    z.writestr("[Content_Types].xml",'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>')
    z.writestr("_rels/.rels",'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>')
    z.writestr("word/document.xml",'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'+body+'</w:body></w:document>'); z.close(); return b.getvalue()
def odt(body):
    b=io.BytesIO(); z=zipfile.ZipFile(b,"w",zipfile.ZIP_DEFLATED); z.writestr("mimetype","application/vnd.oasis.opendocument.text")
    z.writestr("content.xml",'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>'+body+'</office:text></office:body></office:document-content>'); z.close(); return b.getvalue()
def xlsx(rows, shared=""):
    b=io.BytesIO(); z=zipfile.ZipFile(b,"w",zipfile.ZIP_DEFLATED)
    z.writestr("[Content_Types].xml",'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'+('<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>' if shared else "")+'</Types>')
    z.writestr("_rels/.rels",'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>')
    z.writestr("xl/workbook.xml",'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>')
    z.writestr("xl/_rels/workbook.xml.rels",'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'+('<Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>' if shared else "")+'</Relationships>')
    z.writestr("xl/worksheets/sheet1.xml",'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'+rows+'</sheetData></worksheet>')
    if shared: z.writestr("xl/sharedStrings.xml",'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'+shared+'</sst>')
    z.close(); return b.getvalue()
HEAD='<row r="1"><c r="A1" t="inlineStr"><is><t>ar</t></is></c><c r="B1" t="inlineStr"><is><t>en</t></is></c></row>'
def cid(tounicode=b"<< /Length 0 >>\nstream\n\nendstream", w=b""):
    return b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>", (b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "+w+b" >>", tounicode)
def files():
    big=b"BT /F1 12 Tf "+b"(aaaaaaaaaaaaaaaaaaaa) Tj "*2_500_000
    yield "space.html", b" "*3_000_000+b"<p>x</p>"
    yield "space2.xhtml", b"<?xml "+b" "*3_000_000
    yield "deep.html", b"<div>"*500_000+b"x"
    yield "tags.html", b"<b>x"*1_500_000
    yield "attrs.html", b"<p "+b" ".join(b"a%d=''"%k for k in range(400_000))+b">x"
    yield "table.html", b"<table>"*20_000+b"<tr><td>x"*100_000
    yield "nodes.docx", docx("<w:p/>"*10_000_000)
    yield "runs.docx", docx("<w:p><w:r><w:t>a</w:t></w:r></w:p>"*600_000)
    yield "text.docx", docx("<w:p><w:r><w:t>"+"a "*60_000_000+"</w:t></w:r></w:p>")
    yield "nodes.odt", odt("<text:p/>"*9_000_000)
    yield "spaces.odt", odt('<text:p>a<text:s text:c="2000000000"/></text:p>')
    yield "tu.tmx", b"<tmx><header/><body><tu>"+b"<a/>"*6_000_000+b"</tu></body></tmx>"
    yield "out.tmx", b"<tmx><header/><body>"+b"<a/>"*6_000_000+b"</body></tmx>"
    yield "deep.json", b"["*3_000_000
    yield "many.json", b'{"a":'+b"["+b"[],"*5_000_000+b"1]}"
    yield "digits.json", b'{"ar": '+b"9"*3_000_000+b"}"
    yield "deep.md", b"["*100_000
    yield "quote.md", b">"*60_000+b"x"
    yield "stars.md", b"*a "*200_000
    yield "back.md", b"".join(b"`"*(k%300+1)+b" " for k in range(20_000))
    yield "cues.srt", b"1\n00:00:01,000 --> 00:00:02,000\n<"*200_000
    yield "one.po", b'msgid "'+b"a"*5_000_000+b'"\nmsgstr "b"\n'
    yield "many.po", b'msgid "a"\nmsgstr "b"\n\n'*100_000
    yield "text.pdf", page(stream(zlib.compress(big,9),FL))
    yield "hex.pdf", page(stream(zlib.compress(zlib.compress(big,9).hex().encode()+b">"),b"/Filter [/FlateDecode /ASCIIHexDecode /FlateDecode]"))
    z=zlib.compress(b"BT (a) Tj "*50_000_000,9)
    yield "bomb.pdf", page(stream(z,FL))
    yield "indirect.pdf", page(stream(z,b"/Filter 6 0 R"), more=(b"[/FlateDecode]",))
    yield "cr.pdf", page(b"<< /Length %d /Filter /FlateDecode >>\nstream\r"%len(z)+z+b"\nendstream")
    yield "runlength.pdf", page(stream(zlib.compress(b"\x81 "*20_000_000,9),b"/Filter [/FlateDecode /RunLengthDecode]"))
    yield "run2.pdf", page(stream(b"\x81 "*3_000_000,b"/Filter /RunLengthDecode"))
    yield "predictor.pdf", page(stream(zlib.compress(b"\x02"+b"a"*30_000_000,9),b"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 1 >>"))
    yield "columns.pdf", page(stream(zlib.compress(TXT,9),b"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 2000000000 >>"))
    f,m=cid(w=b"/W [1 2000000000 500]"); yield "widths.pdf", page(stream(TXT),f,more=m)
    f,m=cid(stream(b"/CIDInit begincmap 1 beginbfrange <00000000> <7fffffff> <0000> endbfrange endcmap")); yield "bfrange.pdf", page(stream(TXT),f,more=m)
    f,m=cid(stream(b"/CIDInit begincmap "+b"1 beginbfrange <0000> <ffff> <0000> endbfrange "*2000+b" endcmap")); yield "bfranges.pdf", page(stream(TXT),f,more=m)
    forms=[b"<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << /X %d 0 R >> >> /Length 120 >>\nstream\n"%(k+1)+(b"/X Do "*20)+b"\nendstream" for k in range(6,30)]
    yield "forms.pdf", page(stream(b"/X Do"),extra=b"/XObject << /X 6 0 R >>",more=forms)
    yield "loop.pdf", page(stream(b"/X Do"),extra=b"/XObject << /X 6 0 R >>",more=[b"<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << /X 6 0 R >> >> /Length 12 >>\nstream\n/X Do /X Do \nendstream"])
    yield "kids.pdf", pdf([b"<< /Type /Catalog /Pages 2 0 R >>",*[b"<< /Type /Pages /Count 1 /Kids ["+b" ".join(b"%d 0 R"%(k+1) for _ in range(10))+b"] >>" for k in range(2,30)],b"<< /Type /Page >>"])
    yield "array.pdf", page(stream(b"["*3_000_000))
    yield "stack.pdf", page(stream(b"q "*5_000_000))
    yield "path.pdf", page(stream(b"1 1 m "+b"2 2 l "*3_000_000+b"W n "*1000))
    yield "prev.pdf", page(stream(TXT)).replace(b"/Size",b"/Prev 9 /Size")
    yield "size.pdf", b"%PDF-1.5\n1 0 obj << /Type /XRef /Size 2000000000 /W [1 4 1] /Index [0 2000000000] /Length 0 /Root 2 0 R >>\nstream\n\nendstream\nendobj\nstartxref\n9\n%%EOF"
    yield "fonts.pdf", page(stream(b"BT /F1 12 Tf "+b"(%s) Tj "%(b"a"*1_000_000)+b"ET"))
    yield "rows.pdf", page(stream(b"BT /F1 1 Tf "+b"0 1 Td (a) Tj "*400_000+b"ET"))
def sheets():
    yield "far.xlsx", xlsx(HEAD+'<row r="1000000000"><c r="A1000000000" t="inlineStr"><is><t>x</t></is></c></row>')
    yield "wide.xlsx", xlsx(HEAD+"".join('<row r="%d"><c r="XFD%d" t="inlineStr"><is><t>x</t></is></c></row>'%(k,k) for k in range(2,30000)))
    yield "bomb.xlsx", xlsx(HEAD+'<row r="2"><c r="A2" t="inlineStr"><is><t>'+"a"*400_000_000+'</t></is></c></row>')
    yield "shared.xlsx", xlsx(HEAD,"<si><t/></si>"*9_000_000)
    yield "cells.xlsx", xlsx(HEAD+"<row>"+"<c/>"*9_000_000+"</row>")
    yield "wide.tsv", b"\t".join([b"ar",b"en"]+[b"x%d"%k for k in range(400_000)])+b"\nx\ty\n"
    yield "same.csv", b",".join([b"ar",b"en"]+[b"x"]*400_000)+b"\nx,y\n"
