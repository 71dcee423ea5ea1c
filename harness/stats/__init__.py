"""Pure statistics on numbers and arrays: no files, no project types. scipy is imported when first used."""

from harness.stats.agreement import Kappa, Level, cohen_kappa, krippendorff_alpha
from harness.stats.clustered_tango import ClusteredDifference, clustered_difference, clustered_tango
from harness.stats.clusters import (
    ClusteredMean,
    ClusteredPairs,
    ClusteredProportion,
    ClusteredSE,
    clustered_mean,
    clustered_pairs,
    clustered_proportion,
    clustered_se,
    weighted_proportion,
)
from harness.stats.instrument import Informedness, Instrument, Rate, measure_instrument
from harness.stats.intervals import Interval, clopper_pearson, wilson
from harness.stats.judge_correction import Estimate, PredictionPowered, RoganGladen, ppi_mean, rogan_gladen
from harness.stats.logistic import Logit, clustered_logit
from harness.stats.multiplicity import benjamini_hochberg, holm, max_t
from harness.stats.pairs import (
    Difference,
    McNemar,
    NonInferiority,
    Pairs,
    mcnemar,
    newcombe_paired,
    tango,
    tango_noninferiority,
)
from harness.stats.power import mcnemar_power, minimum_detectable, required_pairs
from harness.stats.prediction_powered import ClusteredPowered, clusters_needed, ppi_clustered
from harness.stats.ranking import BradleyTerry, ClusteredBradleyTerry, bradley_terry, clustered_bradley_terry
from harness.stats.resampling import bca, sign_flip
from harness.stats.sequential import lan_demets
from harness.stats.shrinkage import Shrunken, shrink, standard_error
from harness.stats.variance import VarianceComponents, intraclass_correlation, variance_components

__all__ = [
    "BradleyTerry",
    "ClusteredBradleyTerry",
    "ClusteredDifference",
    "ClusteredMean",
    "ClusteredPairs",
    "ClusteredPowered",
    "ClusteredProportion",
    "ClusteredSE",
    "Difference",
    "Estimate",
    "Informedness",
    "Instrument",
    "Interval",
    "Kappa",
    "Level",
    "Logit",
    "McNemar",
    "NonInferiority",
    "Pairs",
    "PredictionPowered",
    "Rate",
    "RoganGladen",
    "Shrunken",
    "VarianceComponents",
    "bca",
    "benjamini_hochberg",
    "bradley_terry",
    "clopper_pearson",
    "clustered_bradley_terry",
    "clustered_difference",
    "clustered_logit",
    "clustered_mean",
    "clustered_pairs",
    "clustered_proportion",
    "clustered_se",
    "clustered_tango",
    "clusters_needed",
    "cohen_kappa",
    "holm",
    "intraclass_correlation",
    "krippendorff_alpha",
    "lan_demets",
    "max_t",
    "mcnemar",
    "mcnemar_power",
    "measure_instrument",
    "minimum_detectable",
    "newcombe_paired",
    "ppi_clustered",
    "ppi_mean",
    "required_pairs",
    "rogan_gladen",
    "shrink",
    "sign_flip",
    "standard_error",
    "tango",
    "tango_noninferiority",
    "variance_components",
    "weighted_proportion",
    "wilson",
]
