/** What a page of docs/diagnostics says beyond the message: why there is such a diagnostic, and what most often leads to it. */
import type { DiagnosticCode } from "../../compiler/index.js";

export const EXPLANATIONS: Readonly<Record<DiagnosticCode, string>> = {
  LNAS1001:
    "The words before this place promise something else than what follows. The message lists what could stand here. A misspelt keyword is the most frequent cause; next come a missing value, and two values where one belongs. Each item of an experiment is read by itself, so the rest of the file is checked all the same.",
  LNAS1002:
    "Outside of texts and comments a spec consists of names, numbers, brackets and a few signs. Anything else is most often left over from another language, or from copying out of a web page.",
  LNAS1003:
    "The bracket is missing somewhere after the one that is shown as opened. Where a file's brackets do not match, indentation decides which item a line belongs to, so that one forgotten bracket costs one item and not the file.",
  LNAS1004:
    "Lists within lists within lists have no meaning in a spec, nor have more than 64 records, experiments or sets of modules of which each starts from the next. The limit keeps the compiler safe from files that were made to break it.",
  LNAS1005:
    "Bidirectional controls and other invisible characters can make a reviewer see one spec while the compiler reads another. They are refused everywhere, in texts and comments too, and so are a carriage return without a line feed and Unicode's separators of lines and paragraphs, which end the line in some editors only. Editors show them when asked to show invisible characters.",
  LNAS1006: "There is one way to write a text, so that two people write the same one.",
  LNAS1007:
    "A text ends on the line on which it begins. Everything up to the end of the line was taken for the text, so what else stands on it is not reported.",
  LNAS1008: "A comment that begins with `/*` needs its `*/`. Without it the rest of the file would be comment.",
  LNAS1009:
    "A backslash begins an escape. Windows paths are the usual cause: write them with `/`, which every platform understands.",
  LNAS1010:
    "A value stands right after its option: `seed 7`. An equals sign belongs to declarations (`const ranks = …`, `backbone vlm = …`) and to `scale alpha / rank = 2`.",
  LNAS1011:
    "Items and options end where the next one begins. No sign is needed; options on one line may be parted by commas.",
  LNAS1012: "`//` begins a comment up to the end of the line, `/*` one that ends at `*/`.",
  LNAS1013:
    "Numbers are 64-bit floating point numbers, whose largest is about 1.8e308. Such a number is a slip in the exponent.",
  LNAS1101:
    "The edition says which rules a file follows, so that a later version of lnas can change the language without changing what your files mean.",
  LNAS1102: "The file was written for a newer lnas, or the number is a slip.",
  LNAS1103:
    "A relative path begins with `./` or `../` and is relative to the file that imports. Modules of the standard library begin with `std:`. Files outside of the project (the nearest folder above with `.git`, `package.json` or `lnas.lock`) are never read.",
  LNAS1104:
    "An import brings what the other file declares, so neither of the two could be read first. What both need belongs in a file of its own.",
  LNAS1105:
    "Only these two kinds of modules exist: a spec never reads a package, an address on the network or an absolute path.",
  LNAS1106: "A module offers what it declares or imports at its top: constants, sets of modules, records, experiments.",
  LNAS1107:
    "The second declaration would silently win over the first, or lose to it; a reader could not know. The label shows the first one.",
  LNAS1108:
    "The name is not known at this place, or it is known as something else: a constant where a controller belongs, for example. Names of constants and records come from this file and its imports; controllers, metrics and formats are part of lnas.",
  LNAS1109:
    "The file named on the command line does not exist, is a folder, is larger than 64 MiB, or may not be read by you.",
  LNAS1110:
    "A spec declares an experiment, or something for other files to import. This one holds an edition and imports at most, so running or importing it would do nothing.",
  LNAS1111:
    "Each of them would need the other one first. The message shows the circle; cut it where the chain should begin.",
  LNAS1201:
    "An experiment says which backbone, data, adapter, objective, search, training and export it is about; none of these has a default that would be right for most people. An experiment that extends another inherits what it does not give.",
  LNAS1202:
    "An experiment has one item of each kind, so that a reviewer finds the answer to a question in one place. Several targets stand within the one adapter.",
  LNAS1203:
    "An option that is not known would be ignored, and a run would not do what its spec says. Every option has to be one of those that the thing has; each controller has its own.",
  LNAS1204:
    "Each option has a type, a unit and a range. Times and sizes need their unit; shares are written `5%` or `0.05`; counts are whole.",
  LNAS1205: "There is no default for this option.",
  LNAS1206:
    "The construct is part of the language and reads as such, but no run could carry it out today. It is refused and not ignored, so that a run never does less than its spec says.",
  LNAS1207:
    "The spec reads as if the option did something, and nothing in the run would tell that it does not. Early stopping needs rounds that score whole architectures on common examples, and one number to compare them by; scoring again needs two candidates to decide between, and a controller that does not train by itself what it scores. Which controllers have no use for which option is said in the reference of the language.",
  LNAS1208:
    "Controllers that score no architectures allocate by what they measure of the loss alone. The price still counts when validation chooses between retrained finalists, so it can decide between this allocation and what stands `beside` it; where there is but one finalist it decides nothing.",
  LNAS1301:
    "The compiler reads `config.json` to know the modules of the model; weights are not read before a run. Paths are relative to the file in which they are written.",
  LNAS1302:
    "The file is there, but it is not the configuration of a model that lnas knows, or a size in it is missing or makes no sense.",
  LNAS1303:
    "Without weights or a config nobody knows which modules the model has, so no pattern can be checked. `std:backbones` brings the configurations of published models.",
  LNAS1304:
    "Of some families lnas knows every module and what a pass through the model costs, but not yet how to compute it. Specs for them are checked, planned, compiled and compared like all others, and `lnasc run` refuses them before it does anything. Where that is what you want, allow the warning with a reason.",
  LNAS1305:
    "`family` says how a model computes, and `model_type` of its config.json says the same in the words of Hugging Face. Where they differ, either the folder or the record that the backbone starts from is the wrong one. `std:backbones` has models of every family.",
  LNAS1306:
    "`config` stands for a model whose weights are not here yet; records of published models have one. Once there is a weights folder its own config.json counts, and where the two have other modules one of them is a mistake. Sizes that no module has, such as that of a vocabulary, may differ.",
  LNAS1401:
    "A target that matches nothing would adapt nothing, and a search would run for hours over the wrong modules. Patterns match whole paths: `language` is not `language.**`. The help shows the first segment that fits no module, and what stands in its place.",
  LNAS1402:
    "A module has one list of ranks, so two targets cannot both decide for it. The order of targets means nothing. `except` draws the line between them.",
  LNAS1403:
    "A weight of `out × in` has at most min(in, out) independent directions. A larger rank costs parameters and adds nothing.",
  LNAS1404:
    "Ascending and without repetition, the list reads the same for everybody, and a difference between two specs is a difference in meaning.",
  LNAS1405: "Without a target there is nothing to search and nothing to train.",
  LNAS1406:
    "An exclusion that excludes nothing is a slip in its pattern, or left over from an earlier version of the spec.",
  LNAS1407: "What would be left is an empty target.",
  LNAS1408:
    "A module of rank 0 has no adapter. Where no target allows another rank there is nothing to train, and nothing to search.",
  LNAS1409:
    "With one rank for each module there is one architecture: a super-network would be trained to score it, and a controller asked for it. A plain LoRA of these ranks, to train and to compare by the same protocol, is what `search uniform` or `search fixed` says; its super-network then needs no more than one step. One module with several ranks is enough for a search.",
  LNAS1501:
    "Even with every module at its smallest rank the adapter has more parameters than the limit allows. Allow rank 0, leave modules out, or raise the limit.",
  LNAS1502:
    "Every choice of ranks satisfies the limit, so it decides nothing: the largest ranks are always allowed. The usual cause is a share in percent that was meant to be smaller.",
  LNAS1503:
    "Only the empty adapter, every module at rank 0, keeps such a limit. What a rank costs a module is the sum of its two sizes; modules that are tied cost all of theirs at once.",
  LNAS1504:
    "With every module at its smallest rank the limit is used up so far that no module can have its next. A search would find the one architecture that there is. Allow smaller ranks, such as 0, or raise the limit; where this one architecture is meant, `search uniform` says so.",
  LNAS1601:
    "An allowance is read in review and again a year later. Without a reason nobody can tell whether it still holds.",
  LNAS1602: "The code is misspelt, or the diagnostic no longer exists.",
  LNAS1603: "An error means that there is no experiment to run; allowing it would change nothing about that.",
  LNAS1604:
    "What was allowed has been mended since, or the comment stands at the wrong line: it counts for its own line, or, alone on a line, for the next one.",
  LNAS1701:
    "`ranks.json` of a run is an object of ranks by module path; an `adapter_config.json` of PEFT says them by patterns, and modules that it does not adapt have rank 0. The file is read when the spec is compiled, and its ranks become part of the IR: a later change of the file is another experiment.",
  LNAS1702:
    "The ranks come from another adapter than this one. Left out, they would be missing from what the file was found to be worth.",
  LNAS1703:
    "A module without a rank could be meant to have none, or have been forgotten. `ranks.json` of a run names every module that could carry an adapter there.",
  LNAS1704: "A file is held to the same choices, and the same ties, as a search.",
  LNAS1705: "No adapter may be above the limit, whoever chose its ranks.",
  LNAS1706:
    "`prior run(…)` starts a search from the ranks that an earlier run ended with: `ranks.json`, which a run writes last. The run must have had the same backbone; its budget and its data may have been others.",
  LNAS1707:
    "`prior policy(…)` goes on from what a search's controller preferred at its end: `policy.json`, which a run writes when its search has ended. Controllers that choose the best of what they scored (`random`, `evolution`, `nsga2`, `successive_halving`) and those that search nothing (`uniform`, `fixed`) keep no preferences; their ranks are all there is to start from.",
  LNAS1708:
    "A policy is a number for each rank of each module. What it does not say cannot be made up: every module that is searched here must be in it, with the same ranks to choose from and tied to the same modules. Modules that are no longer searched are left aside.",
  LNAS1709:
    "`start run(…)` gives a super-network the parameters that the one of an earlier run ended its own training with. They belong to that backbone, and mean what they mean at that `alpha / rank`; ranks, targets, data and budget may be others. The weights themselves are read when the experiment runs.",
  LNAS1801: "The experiment would run once and be held against itself.",
  LNAS1802:
    "A sweep holds experiments against one another, so it takes two of them. Each is an experiment of the same file, usually one that extends another and gives a budget or a controller of its own.",
  LNAS1803:
    "The usual cause is an `extends` whose block was meant to say something, or a limit that the experiment it extends has already. Seeds of one experiment need no sweep: `lnasc run --seeds 0,1,2` repeats it.",
  LNAS1901:
    "IR files are checked against `schemas/experiment-ir.schema.json` when they are loaded. A file of another version of lnas, or one edited by hand, does not satisfy it. The pointer in the message leads to the part at fault.",
};
