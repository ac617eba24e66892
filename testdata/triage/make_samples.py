#!/usr/bin/env python3
"""Makes the samples of this folder with the programs of a Debian 12: see ORIGIN.md. Run it in an empty folder."""

import gzip
import io
import mailbox
import math
import os
import random
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zipfile
from email.message import EmailMessage

from PIL import Image, ImageDraw

random.seed(12)
WORDS = ("le conseil municipal s'est réuni à la mairie de Saint-Dié où le maire a présenté la délibération relative aux "
         "travaux de voirie et à l'école élémentaire après avoir entendu les élus de la commission des finances qui ont "
         "proposé un budget équilibré pour l'année prochaine ; il a été décidé, à l'unanimité, d'approuver").split()


def sentence():
    words = " ".join(random.choice(WORDS) for _ in range(random.randint(8, 22)))
    return words[0].upper() + words[1:] + "."


def text(lines):
    return "\r\n".join(sentence() for _ in range(lines)) + "\r\n"


def rows(count):
    names = ["Élodie", "Gérard", "Hélène", "François", "Zoé", "Benoît", "Marie", "Paul", "Anaïs", "Noël"]
    for number in range(count):
        yield number, random.choice(names), random.randint(1930, 2008), round(random.uniform(0, 4000), 2), sentence()[:60]


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)


def texts():
    write("note-utf8.txt", text(40).encode())
    write("note-cp1252.txt", text(40).encode("cp1252"))
    write("note-cp850.txt", text(40).encode("cp850"))
    write("note-utf16.txt", text(30).encode("utf-16"))
    table = "n°;prénom;année;montant;objet\n" + "".join(";".join(map(str, row)) + "\n" for row in rows(120))
    write("electeurs-utf8.csv", table.encode())
    write("electeurs-latin1.csv", table.replace("…", ".").encode("latin-1"))
    write("export-mislabelled.xls", table.encode())
    write("flux.xml", ('<?xml version="1.0" encoding="UTF-8"?>\n<actes>\n' + "".join(
        f'<acte n="{row[0]}"><nom>{row[1]}</nom><objet>{row[4]}</objet></acte>\n' for row in rows(60)) + "</actes>\n").encode())
    write("page.html", ("<!DOCTYPE html><html><body>" + "".join(f"<p>{sentence()}</p>\n" for _ in range(30)) + "</body></html>").encode())
    import json
    write("plan.geojson", json.dumps([dict(zip("nabcd", row)) for row in rows(60)], ensure_ascii=False, indent=1).encode())
    write("dump.sql", "".join(f"INSERT INTO actes VALUES ({row[0]}, '{row[1]}', {row[2]}, '{row[4]}');\n" for row in rows(80)).encode())
    shutil.copy(os.path.abspath(__file__), "tool.py")


def picture(size):
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    for x in range(size[0]):
        for y in range(size[1]):
            noise = random.randint(0, 24)
            image.putpixel((x, y), (int(100 + 80 * math.sin(x / 17)) + noise, (x + y) % 200 + noise // 2, int(90 + 60 * math.cos(y / 11))))
    draw.ellipse((10, 10, size[0] // 2, size[1] // 2), fill=(240, 240, 230))
    draw.text((20, 20), "Mairie", fill=(0, 0, 0))
    return image


def pictures():
    image = picture((160, 120))
    image.save("plan.png", optimize=True)
    image.convert("P").save("palette.png")
    picture((240, 180)).save("photo.jpg", quality=88)
    picture((240, 180)).save("progressive.jpg", quality=88, progressive=True)
    image.convert("L").save("grey.jpg", quality=70)
    image.save("restart.ppm")
    run("cjpeg", "-restart", "2", "-sample", "2x2", "-outfile", "restart.jpg", "restart.ppm")
    run("cjpeg", "-arithmetic", "-outfile", "arithmetic.jpg", "restart.ppm")
    os.remove("restart.ppm")
    run("/usr/bin/convert", "plan.png", "-sampling-factor", "4:2:0", "-quality", "96", "magick.jpg")
    small = image.resize((96, 72))
    for name, compression in [("deflate", "tiff_adobe_deflate"), ("lzw", "tiff_lzw"), ("packbits", "packbits"), ("jpeg", "jpeg"), ("plain", None)]:
        small.save(f"scan-{name}.tif", compression=compression)
    small.save("vignette.png")
    small.convert("1").save("fax.tiff", compression="group4")
    pages = [picture((64, 48)) for _ in range(3)]
    pages[0].save("pages.tif", save_all=True, append_images=pages[1:], compression="tiff_adobe_deflate")
    small.save("logo.gif")
    small.save("logo.bmp")
    small.save("logo.webp")


def archives():
    data = text(60).encode()
    with zipfile.ZipFile("dossier.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("délibération.txt", data)
        archive.writestr("budget/2026.csv", data[:900])
        archive.writestr("stored.bin", random.randbytes(1500), zipfile.ZIP_STORED)
        archive.writestr("vide/", b"")
    stream = io.BytesIO()

    class Pipe(io.RawIOBase):
        def writable(self):
            return True

        def write(self, part):
            return stream.write(part)

    with zipfile.ZipFile(Pipe(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", data)
        archive.writestr("b.txt", data[:500])
    write("streamed.zip", stream.getvalue())
    with zipfile.ZipFile("methods.zip", "w") as archive:
        archive.writestr("bz", data, zipfile.ZIP_BZIP2)
        archive.writestr("lz", data, zipfile.ZIP_LZMA)
    with zipfile.ZipFile("long.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("wide.txt", "w", force_zip64=True) as member:
            member.write(data)
    write("a.txt", data)
    run("zip", "-q", "-P", "secret", "closed-password.zip", "a.txt")
    write("letter.gz", gzip.compress(data) + gzip.compress(data[:100]))
    for command, end in [(["xz", "-k"], "xz"), (["xz", "-k", "-T2", "--block-size=2000", "--check=crc32"], "blocks.xz"), (["bzip2", "-k"], "bz2"), (["zstd", "-q", "-k"], "zst")]:
        made = subprocess.run([*command, "-c", "a.txt"], check=True, stdout=subprocess.PIPE).stdout
        write(f"letter.{end}", made)
    with tarfile.open("sauvegarde.tar", "w") as archive:
        archive.add("a.txt", "bureau/délibération.txt")
        archive.add(".", "bureau", recursive=False)
    run("7zr", "a", "archive.7z", "a.txt")
    os.remove("a.txt")


def databases():
    base = sqlite3.connect("etat-civil.sqlite")
    base.execute("PRAGMA page_size = 1024")
    base.execute("CREATE TABLE actes (n INTEGER PRIMARY KEY, prenom TEXT, annee INT, montant REAL, objet TEXT)")
    base.execute("CREATE INDEX par_prenom ON actes (prenom, annee)")
    base.execute("CREATE TABLE cles (cle TEXT PRIMARY KEY, valeur BLOB) WITHOUT ROWID")
    base.executemany("INSERT INTO actes VALUES (?, ?, ?, ?, ?)", rows(90))
    base.executemany("INSERT INTO cles VALUES (?, ?)", [(f"cle{n}", random.randbytes(n * 50)) for n in range(24)])
    base.execute("DELETE FROM actes WHERE n % 3 = 0")
    base.execute("DELETE FROM cles WHERE cle = 'cle23'")
    base.commit()
    base.close()
    points = "id,nom,an,wkt\n" + "".join(
        f'{n},{name},{year},"POLYGON (({x} {y},{x + 9} {y},{x + 9} {y + 7},{x} {y}))"\n'
        for n, name, year, _, _ in rows(60) for x, y in [(random.randint(0, 900), random.randint(0, 900))])
    write("parcelles.csv", points.encode())
    run("ogr2ogr", "-oo", "GEOM_POSSIBLE_NAMES=wkt", "-oo", "KEEP_GEOM_COLUMNS=NO", "-oo", "AUTODETECT_TYPE=YES", "parcelles.shp", "parcelles.csv")
    for end in ("csv", "cpg", "prj"):
        if os.path.exists(f"parcelles.{end}"):
            os.remove(f"parcelles.{end}")


def mail():
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "maire@exemple.fr", "dgs@exemple.fr", "Délibération n° 12"
    message["Date"], message["Message-ID"] = "Mon, 2 Nov 2026 10:00:00 +0100", "<1@exemple.fr>"
    message.set_content(text(6))
    message.add_attachment(random.randbytes(5000), maintype="application", subtype="pdf", filename="acte.pdf")
    write("courrier.eml", message.as_bytes())
    box = mailbox.mbox("archive.mbox")
    for number in range(3):
        copy = EmailMessage()
        copy["From"], copy["Subject"], copy["Date"] = "a@exemple.fr", f"Note {number}", "Mon, 2 Nov 2026 10:00:00 +0100"
        copy.set_content(text(4))
        copy.add_attachment(random.randbytes(1500), maintype="image", subtype="png", filename="a.png")
        box.add(copy)
    box.close()


def office():
    write("lettre.html", ("<html><head><meta charset='utf-8'></head><body><h1>Délibération</h1>" + "".join(
        f"<p>{sentence()}</p>" for _ in range(40)) + "<img src='vignette.png'></body></html>").encode())
    write("budget.csv", ("n;prénom;année;montant;objet\n" + "".join(";".join(map(str, row)) + "\n" for row in rows(60))).encode())

    def convert(source, target, *more):
        run("soffice", "--headless", "-env:UserInstallation=file:///dev/shm/triage-office", *more, "--convert-to", target, source)

    for target in ("odt", "docx", "doc:MS Word 97"):
        convert("lettre.html", target, "--infilter=HTML (StarWriter)")
    write("brief.html", f"<html><head><meta charset='utf-8'></head><body><p>{sentence()}</p></body></html>".encode())
    convert("brief.html", "rtf", "--infilter=HTML (StarWriter)")
    os.remove("brief.html")
    convert("lettre.odt", "pdf")
    csv = "--infilter=Text - txt - csv (StarCalc):59,34,76"
    for target in ("ods", "xlsx", "xls:MS Excel 97"):
        convert("budget.csv", target, csv)
    write("outline.fodp", FODP.encode())
    for target in ("odp", "pptx", "emf", "wmf"):
        convert("outline.fodp", target)
    run("qpdf", "--linearize", "--object-streams=generate", "lettre.pdf", "linear.pdf")
    run("qpdf", "--encrypt", "", "owner", "256", "--", "lettre.pdf", "closed-password.pdf")
    run("gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite", "-sOutputFile=ghost.pdf", "linear.pdf")
    Image.open("photo.jpg").save("pillow.pdf")
    os.remove("lettre.html")
    os.remove("budget.csv")


FODP = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.presentation"><office:body><office:presentation>
<draw:page draw:name="un"><draw:frame svg:x="2cm" svg:y="2cm" svg:width="20cm" svg:height="5cm"><draw:text-box>
<text:p>Conseil municipal du 3 mai : délibérations</text:p></draw:text-box></draw:frame></draw:page>
<draw:page draw:name="deux"><draw:frame svg:x="2cm" svg:y="2cm" svg:width="20cm" svg:height="5cm"><draw:text-box>
<text:p>Budget équilibré, voirie, école élémentaire</text:p></draw:text-box></draw:frame></draw:page>
</office:presentation></office:body></office:document>
"""


def films():
    pattern = ["-f", "lavfi", "-i", "testsrc=duration=1:size=96x64:rate=8"]
    tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=1"]
    run("ffmpeg", "-y", *pattern, *tone, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "32k", "film.mp4")
    run("ffmpeg", "-y", *tone, "-b:a", "48k", "seance.mp3")
    run("ffmpeg", "-y", *tone, "-ar", "8000", "seance.wav")
    run("ffmpeg", "-y", *tone, "-c:a", "libvorbis", "-b:a", "48k", "seance.ogg")
    run("ffmpeg", "-y", *tone, "-ar", "8000", "seance.flac")
    run("ffmpeg", "-y", *pattern, "-c:v", "mpeg4", "camera.avi")
    run("ffmpeg", "-y", *pattern, "-c:v", "mpeg4", "camera.mov")
    run("ffmpeg", "-y", *pattern, "-c:v", "libx264", "-movflags", "+faststart", "start.mp4")


def closed():
    with tempfile.TemporaryDirectory() as home:
        run("gpg", "--batch", "--homedir", home, "--pinentry-mode", "loopback", "--passphrase", "mot", "--symmetric", "--output",
            "closed-password.gpg", "electeurs-utf8.csv")


texts()
pictures()
archives()
databases()
mail()
office()
films()
closed()
