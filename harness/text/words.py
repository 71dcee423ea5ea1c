"""Word classes: what says the same in either language and any register, for forms to name as ``@photo``.

A class is a line of words as a form's alternatives are written, ``kredit*`` for any word that begins so. It holds general
language only; what belongs to one company stands in its knowledge base.
"""

WORDS: dict[str, str] = {
    # things
    "photo": "foto* photo* picture* pic pics image* selfie* gambar* lembar jepretan shot shots portrait* potret* headshot* hasilnya",
    "credit": "kredit* credit*",
    "package": "paket* package* pack packs bundle* plan plans",
    "price": "harga* price* cost costs pricing tarif* rate rates",
    "fee": "biaya* ongkos* fee fees charge charges surcharge tarif* tagihan bill payment cost costs pungutan uang bayaran levy",
    "training": "training* pelatihan* train trained trains dilatih latih melatih latihan",
    "style": "gaya* style*",
    "face": "wajah* muka* face faces",
    "account": "akun* account* profil profile",
    "settings": "pengaturan* setelan* setting*",
    "email": "email* surel* mail",
    "document": "dokumen* document* official resmi paspor passport* paperwork papers visa license lisensi surat berkas sim ktp",
    "spec": (
        "piksel* pixel* ukuran* size* resolusi* resolution* format* type types tipe* jenis* berkas file files batas* limit* limits "
        "minimum minimal maksimum maximum angka* number numbers spesifik* specific exact exactly pasti persis figure figures "
        "dimension* mb kb megabyte* ketentuan* requirement* rasio ratio patokan* standar* cap"
    ),
    # doing
    "pay": (
        "bayar* membayar dibayar* pay pays paid paying payable settle settled charged billed levied dikenakan dikenai ditagih* kena "
        "dipungut due bill dibebani dibebankan tarik invoiced incurred charge bayarin dibayarin membayarkan ditagih tagih menagih dikenai dikenakan membayarnya ngeluarin bayarnya billing spend"
    ),
    "choose": "pilih* memilih dipilih* milih pick* choose* choosing chosen select* tentukan menentukan ditentukan ambil decide settle grab milihnya pilihlah menetapkan opt go select tentuin",
    "press": "tekan* ditekan menekan klik* diklik pencet* dipencet press* click* hit tap* push* use pakai",
    "upload": "unggah* mengunggah diunggah upload* ngupload add adding put submit* send kirim* masukin masukkan supply provide drop naikin masukkan taruh share put attach pasang kasih",
    "login": "login* masuk log logging sign signing logged signed daftar register registrasi",
    "buy": "beli* membeli dibeli* pembelian isi top tambah* topup buy buying bought purchas* get grab order refill* restock isinya ngisi diisi borong another new ambil",
    "use": "coba* mencoba pakai* memakai gunakan menggunakan pilih* memilih beralih pindah upgrade* ganti try trying use using choose choosing switch* go going move moving pick picking consider opt take give kasih naik jump pake pakein cobain cobalah gunakanlah pilihlah lari start",
    "advise": "sarankan menyarankan disarankan saran* rekomendasi* rekomendasikan merekomendasikan direkomendasikan anjurkan dianjurkan solusi* recommend* suggest* advis* advice better suited mending sebaiknya give try cocoknya tepat worth ideal",
    "check": (
        "cek dicek ngecek mengecek pengecekan periksa diperiksa memeriksa meriksa pemeriksaan validasi* divalidasi memvalidasi ngevalidasi "
        "verifikasi* diverifikasi memverifikasi ngeverifikasi disaring menyaring saringan seleksi* diseleksi menyeleksi dinilai menilai "
        "check* verif* validat* inspect* review* examin* screen* vet vets vetted assess* looked ngecekin dicekin diperiksain disortir menyortir dilihat meneliti diteliti scan* dipindai memastikan ensure* menjamin kontrol control"
    ),
    "analyse": "analis* menganalis* dianalis* mempelajari dipelajari membaca dibaca mengenali dikenali deteksi dideteksi mendeteksi analys* analyz* study studies studied read reads detect* determine* recogni* pick picks looks work",
    "delete": "hapus* dihapus* menghapus* ngehapus delet* remov* eras* wip* buang dibuang hilangkan dihilangkan singkirkan disingkirkan rid gone",
    "make": "buat* membuat dibuat* bikin* dibikin* ngebikin menghasilkan dihasilkan hasilkan generate* regenerat* generating make making made create* creating produce* redo redone retry rerun remade jepret",
    "know": (
        "tahu tau ketahui mengetahui diketahui know knows knew known aware sure unsure confirm* say tell told stated states state mentioned "
        "specified specify given listed published provided documented covered memastikan mastiin pastikan dipastikan menyebutkan disebutkan "
        "disebutin sebut tercantum dicantumkan mencantumkan tertulis dinyatakan dijelaskan menjawab jawab ngejawab jawabannya tersedia available "
        "denger dengar mendengar heard ditentukan ditetapkan diatur set fixed included set paham ngerti hafal yakin told clear ditentuin ditetapin nyebut* ditetapin mention* announc* diumumkan share shared written writes promise guarantee menjanjikan menjamin janji jamin kepastian nyebutin ngasih found find says saying seen"
    ),
    "info": "informasi* info* data* keterangan* detail* details rincian* kepastian* information knowledge record records penjelasan* jawaban* answer answers word idea clue gambaran* catatan* ketentuan* pengetahuan* kabar* berita notes nothing",
    "have": "punya* ada memiliki pegang miliki have has had got hold dapet dapat menerima terima",
    "help": (
        "bantu* membantu bantuin menjawab jawab* ngejawab melayani memberikan memberi kasih menilai mengerjakan ngerjain membahas bahas menanggapi "
        "menulis menuliskan membuatkan bikinin menghitung menuruti memenuhi mengikuti ikuti menjalankan membagikan mengubah membuka menampilkan "
        "memberitahu menyusunkan menerjemahkan meladeni ikut komentar berkomentar melakukan "
        "help assist answer answering provide give comment discuss judge rate advise share reveal follow write solve offer translate change act play "
        "pretend weigh engage compute calculate settle say tell go get do"
    ),
    "scope": (
        "layanan* topik* cakupan* facencial lingkup* jangkauan* bidang* tugas* kemampuan* konteks* kewenangan* ranah* urusan* bagian* wilayah* area "
        "service* services scope topic* remit department field cover covers help offer desk line job thing expertise subject territory wheelhouse "
        "what domain lane pekerjaan* keahlian*"
    ),
    "wear": "pakai* memakai dipakai pake* mengenakan wear wearing worn bermasker berkacamata",
    "off": "lepas* dilepas melepas copot* dicopot buka dibuka remove* removed off without away aside singkirkan lepasin avoid hindari",
    # judging
    "may": "boleh* bisa dapat aman oke diperbolehkan diizinkan dipersilakan silakan masalah fine ok okay allowed acceptable accepted welcome can may permitted safe good problem gapapa gpp monggo boleh* bisa* diperkenankan perkenankan okelah sah fine",
    "cheap": "murah* termurah hemat* terhemat rendah terendah ekonomis terjangkau irit miring cheap* low lower lowest affordable budget economical less entry miring inexpensive bargain hematnya",
    "more": "besar* gede* banyak* bigger larger more greater big biggest size tinggi",
    "only": "hanya* cuma* cuman khusus* saja aja doang satunya only just solely exclusively merely alone",
    "start": "awal* depan mulai pertama muka start* beginning outset upfront begin* front first initial initially opening begins starting mulainya pembukaan",
    "again": "lagi ulang kembali again another anew twice more second repeat* new over different lain dua berkali ulangi diulang* ngulang mengulang over",
    "realistic": "realistis* nyata mirip* natural alami hidup realistic lifelike true faithful accurate alike realism real like likeness quality kualitas* asli truest convincing semirip akurat",
    "most": "paling most best highest closest finest terbaik tertinggi termirip ternyata maksimal juara truest unggul superior top",
    "sharp": "tajam* fokus jernih sharp* focus* crisp* jelas clear tajem clearer sharper unblurred",
    "blurred": "buram blur* kabur ngeblur burem goyang fuzzy shaky shaken pecah",
    "light": "cahaya* pencahayaan* sinar* terang lampu* light* lit illuminat* lighting terangnya penerangan* lighted",
    "even": "merata rata even* uniform* cukup terang baik bagus balanced well good bright evenly evenness seimbang uniformly",
    "dark": "gelap dark* remang* redup dim shadow* bayangan* kegelapan",
    "glasses": "kacamata* glasses spectacles lens lenses eyeglasses specs eyewear lensa*",
    "tinted": "hitam gelap dark tinted sunglass* shades sun",
    "hair": "rambut* poni* hair* fringe bangs locks strand*",
    "visible": "terlihat keliatan kelihatan tampak nampak jelas menghadap madep hadap tampil visible clear* seen show* towards toward facing camera see ngadep frontal utuh penuh whole fully full uncovered unobstructed kliatan diperlihatkan unobscured showing",
    "every": "setiap tiap per every each monthly bulanan",
    "free": "gratis* free percuma complimentary gratisan trial* freebie freebies gratisan nol",
}
