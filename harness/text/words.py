"""Word classes: what says the same in either language and any register, for forms to name as ``@photo``.

A class is a line of words as a form's alternatives are written, ``kredit*`` for any word that begins so. It holds general
language only; what belongs to one company stands in its knowledge base.
"""

WORDS: dict[str, str] = {
    # things
    "photo": (
        "foto* photo* picture* pic pics image* selfie* gambar* lembar jepretan shot shots portrait* potret* headshot* "
        "hasilnya poto* snap snaps snapshot*"
    ),
    "credit": "kredit* credit*",
    "package": "paket* package* pack packs bundle* plan plans",
    "price": "harga* price* cost costs pricing tarif* rate rates banderol* bandrol* priced",
    "fee": (
        "biaya* ongkos* fee fees charge charges surcharge tarif* tagihan bill payment cost costs pungutan uang "
        "bayaran levy iuran* expense expenses"
    ),
    "training": "training* pelatihan* train trained trains dilatih latih melatih latihan",
    "style": "gaya* style* tema* theme* nuansa*",
    "face": "wajah* muka* face faces tampang*",
    "account": "akun* account* profil profile",
    "settings": "pengaturan* setelan* setting* seting* preferensi* preference*",
    "email": "email* surel* mail imel* inbox mailbox",
    "document": (
        "dokumen* document* official resmi paspor passport* paperwork papers visa license lisensi surat berkas sim "
        "ktp ijazah* sertifikat* certificate* identitas identity government administrasi*"
    ),
    "spec": (
        "piksel* pixel* ukuran* size* resolusi* resolution* format* type types tipe* jenis* berkas file files batas* limit* limits "
        "minimum minimal maksimum maximum angka* number numbers spesifik* specific exact exactly pasti persis figure figures "
        "dimension* mb kb megabyte* ketentuan* requirement* rasio ratio patokan* standar* cap"
    ),
    # doing
    "pay": (
        "bayar* membayar dibayar* pay pays paid paying payable settle settled charged billed levied dikenakan dikenai "
        "ditagih* kena dipungut due bill dibebani dibebankan tarik invoiced incurred charge bayarin dibayarin "
        "membayarkan ditagih tagih menagih membayarnya ngeluarin bayarnya billing spend dibayarkan bayarkan ngebayar* "
        "dilunasi melunasi lunasi"
    ),
    "choose": (
        "pilih* memilih dipilih* milih pick* choose* choosing chosen select* tentukan menentukan ditentukan ambil "
        "decide settle grab milihnya pilihlah menetapkan opt go select tentuin chose nentuin opting decided "
        "dipilihkan"
    ),
    "press": (
        "tekan* ditekan menekan klik* diklik pencet* dipencet press* click* hit tap* push* use pakai ketuk* sentuh* "
        "hitting mengklik mengeklik ngeklik"
    ),
    "upload": (
        "unggah* mengunggah diunggah upload* ngupload add adding put submit* send kirim* masukin masukkan supply "
        "provide drop naikin taruh share attach pasang kasih memasukkan dimasukkan mengirim* ngirim* mengupload "
        "diupload* uploaded serahkan menyerahkan setor feed handing hand ngunggah*"
    ),
    "login": (
        "login* masuk log logging sign signing logged signed daftar register registrasi signin signup mendaftar* "
        "ngedaftar"
    ),
    "buy": (
        "beli* membeli dibeli* pembelian isi top tambah* topup buy buying bought purchas* get grab order refill* "
        "restock isinya ngisi diisi borong another new ambil nambah menambah* recharge* reload* replenish* stock "
        "stocking topping beliin"
    ),
    "use": (
        "coba* mencoba pakai* memakai gunakan menggunakan pilih* memilih beralih pindah upgrade* ganti try trying use "
        "using choose choosing switch* go going move moving pick picking consider opt take give kasih naik jump pake "
        "pakein cobain cobalah gunakanlah pilihlah lari start dipakai digunakan manfaatkan memanfaatkan gunain "
        "cobakan"
    ),
    "advise": (
        "sarankan menyarankan disarankan saran* rekomendasi* rekomendasikan merekomendasikan direkomendasikan "
        "anjurkan dianjurkan solusi* recommend* suggest* advis* advice better suited mending sebaiknya give try "
        "cocoknya tepat worth ideal menganjurkan usul* mengusulkan saranin disaranin rekomenin propose encourage urge"
    ),
    "check": (
        "cek dicek ngecek mengecek pengecekan periksa diperiksa memeriksa meriksa pemeriksaan validasi* divalidasi "
        "memvalidasi ngevalidasi verifikasi* diverifikasi memverifikasi ngeverifikasi disaring menyaring saringan "
        "seleksi* diseleksi menyeleksi dinilai menilai check* verif* validat* inspect* review* examin* screen* vet "
        "vets vetted assess* looked ngecekin dicekin diperiksain disortir menyortir dilihat meneliti diteliti scan* "
        "dipindai memastikan ensure* menjamin kontrol control evaluat* evaluasi* dievaluasi mengevaluasi difilter "
        "memfilter dites ngetes mengetes tested memilah dipilah menelaah ditelaah ditinjau meninjau vetting"
    ),
    "analyse": (
        "analis* menganalis* dianalis* mempelajari dipelajari membaca dibaca mengenali dikenali deteksi dideteksi "
        "mendeteksi analys* analyz* study studies studied read reads detect* determine* recogni* pick picks looks "
        "work memindai dipindai scan* memproses diproses mengolah diolah menelaah ditelaah processes"
    ),
    "delete": (
        "hapus* dihapus* menghapus* ngehapus delet* remov* eras* wip* buang dibuang hilangkan dihilangkan singkirkan "
        "disingkirkan rid gone menghilangkan ngilangin hilangin ilangin diilangin membuang menyingkirkan purge* "
        "scrap*"
    ),
    "make": (
        "buat* membuat dibuat* bikin* dibikin* ngebikin menghasilkan dihasilkan hasilkan generate* regenerat* "
        "generating make making made create* creating produce* redo redone retry rerun remade jepret olah diolah "
        "mengolah membuatkan dibuatkan merender dirender render* craft* menciptakan diciptakan tercipta ciptakan"
    ),
    "know": (
        "tahu tau ketahui mengetahui diketahui know knows knew known aware sure unsure confirm* say tell told stated "
        "states state mentioned specified specify given listed published provided documented covered memastikan "
        "mastiin pastikan dipastikan menyebutkan disebutkan disebutin sebut tercantum dicantumkan mencantumkan "
        "tertulis dinyatakan dijelaskan menjawab jawab ngejawab jawabannya tersedia available denger dengar mendengar "
        "heard ditentukan ditetapkan diatur set fixed included paham ngerti hafal yakin clear ditentuin ditetapin "
        "nyebut* mention* announc* diumumkan share shared written writes promise guarantee menjanjikan menjamin janji "
        "jamin kepastian nyebutin ngasih found find says saying seen menemukan ditemukan temukan nemu nemuin "
        "diinfokan diinformasikan menginformasikan disampaikan menyampaikan memuat dimuat termuat disclosed detailed "
        "addressed recorded dibahas comment verify"
    ),
    "info": (
        "informasi* info* data* keterangan* detail* details rincian* kepastian* information knowledge record records "
        "penjelasan* jawaban* answer answers word idea clue gambaran* catatan* ketentuan* pengetahuan* kabar* berita "
        "notes nothing referensi* reference* dokumentasi* documentation petunjuk* insight* guidance bayangan"
    ),
    "have": (
        "punya* ada memiliki pegang miliki have has had got hold dapet dapat menerima terima mempunyai mengantongi "
        "dikasih diberi dibekali receive received possess"
    ),
    "help": (
        "bantu* membantu bantuin menjawab jawab* ngejawab melayani memberikan memberi kasih menilai mengerjakan "
        "ngerjain membahas bahas menanggapi menulis menuliskan membuatkan bikinin menghitung menuruti memenuhi "
        "mengikuti ikuti menjalankan membagikan mengubah membuka menampilkan memberitahu menyusunkan menerjemahkan "
        "meladeni ikut komentar berkomentar melakukan help assist answer answering provide give comment discuss judge "
        "rate advise share reveal follow write solve offer translate change act play pretend weigh engage compute "
        "calculate settle say tell go get do menyediakan tangani menangani urus mengurus ngurus ngurusin urusin "
        "ngebantu handle handling deal deals support take cater recommend diagnose"
    ),
    "scope": (
        "layanan* topik* cakupan* lingkup* jangkauan* bidang* tugas* kemampuan* konteks* kewenangan* ranah* urusan* "
        "bagian* wilayah* area service* services scope topic* remit department field cover covers help offer desk "
        "line job thing expertise subject territory wheelhouse what domain lane pekerjaan* keahlian* kapasitas* "
        "spesialis* spesialisasi* wewenang* porsi* capacity competence forte specialty speciality role purview patch"
    ),
    "wear": "pakai* memakai dipakai pake* mengenakan wear wearing worn bermasker berkacamata",
    "off": (
        "lepas* dilepas melepas copot* dicopot buka dibuka remove* removed off without away aside singkirkan lepasin "
        "avoid hindari tanggalkan menanggalkan ditanggalkan lepaskan dilepaskan ditch lose"
    ),
    # judging
    "may": (
        "boleh* bisa dapat aman oke diperbolehkan diizinkan dipersilakan silakan masalah fine ok okay allowed "
        "acceptable accepted welcome can may permitted safe good problem gapapa gpp monggo bisa* diperkenankan "
        "perkenankan okelah sah dibolehin dibolehkan diijinkan mengizinkan membolehkan silahkan alright allows allow "
        "accept accepts"
    ),
    "cheap": (
        "murah* termurah hemat* terhemat rendah terendah ekonomis terjangkau irit miring cheap* low lower lowest "
        "affordable budget economical less entry inexpensive bargain hematnya bersahabat frugal thrifty tersirit "
        "terekonomis"
    ),
    "more": "besar* gede* banyak* bigger larger more greater big biggest size tinggi gedean banyakan terbesar",
    "only": (
        "hanya* cuma* cuman khusus* saja aja doang satunya only just solely exclusively merely alone semata* doank "
        "exclusive* purely strictly"
    ),
    "start": (
        "awal* depan mulai pertama muka start* beginning outset upfront begin* front first initial initially opening "
        "begins starting mulainya pembukaan permulaan* duluan dimuka"
    ),
    "again": (
        "lagi ulang kembali again another anew twice more second repeat* new over different lain dua berkali ulangi "
        "diulang* ngulang mengulang afresh kedua berulang ngulangin"
    ),
    "realistic": "realistis* nyata mirip* natural alami hidup realistic lifelike true faithful accurate alike realism real like likeness quality kualitas* asli truest convincing semirip akurat",
    "most": "paling most best highest closest finest terbaik tertinggi termirip ternyata maksimal juara truest unggul superior top",
    "sharp": (
        "tajam* fokus jernih sharp* focus* crisp* jelas clear tajem clearer sharper unblurred ketajaman* setajam "
        "crystal"
    ),
    "blurred": "buram blur* kabur ngeblur burem goyang fuzzy shaky shaken pecah",
    "light": (
        "cahaya* pencahayaan* sinar* terang lampu* light* lit illuminat* lighting terangnya penerangan* lighted "
        "sorot* penyinaran* daylight sunlight"
    ),
    "even": (
        "merata rata even* uniform* cukup terang baik bagus balanced well good bright evenly evenness seimbang "
        "uniformly konsisten consistent* spread menyebar tersebar equal*"
    ),
    "dark": "gelap dark* remang* redup dim shadow* bayangan* kegelapan temaram murky",
    "glasses": "kacamata* glasses spectacles lens lenses eyeglasses specs eyewear lensa*",
    "tinted": "hitam gelap dark tinted sunglass* shades sun",
    "hair": "rambut* poni* hair* fringe bangs locks strand* helai* tresses wisp*",
    "visible": (
        "terlihat keliatan kelihatan tampak nampak jelas menghadap madep hadap tampil visible clear* seen show* "
        "towards toward facing camera see ngadep frontal utuh penuh whole fully full uncovered unobstructed kliatan "
        "diperlihatkan unobscured showing terbuka exposed discernible kelihatan* keliatan*"
    ),
    "every": "setiap tiap per every each monthly bulanan",
    "free": "gratis* free percuma complimentary gratisan trial* freebie freebies gratisan nol",
    "consume": (
        "uses use using takes take taking costs cost needs need eats eat burns spends spend consumes consume requires "
        "deducts makan memakan butuh membutuhkan pakai memakai memerlukan menghabiskan ngabisin kepotong terpotong "
        "dipotong memotong potong berkurang terpakai kepake dihitung counts dikenakan"
    ),
    "lower": (
        "murah* hemat irit rendah turun miring ringan ekonomis lower cheaper less drop* falls fall down shrinks "
        "smaller decreas* save* saving* reduc* sinks menurun berkurang nyusut menyusut"
    ),
    "shown": (
        "listed shown displayed posted published visible tercantum tertera terpampang dicantumkan dipajang terpajang "
        "dipasang terpasang ditampilkan tersaji tertulis dilihat diliat dicek"
    ),
    "refund": (
        "refund* reimburs* repay* repaid pengembalian dikembalikan* dikembaliin mengembalikan ngembaliin kembalikan "
        "balikin dibalikin direfund ngerefund diuangkan"
    ),
}
