using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary>
/// <c>cpu</c>: which processor the guest sees. A definition without one gets the machine's default, written back. Under
/// emulation host-model is the most that QEMU emulates, and host-passthrough cannot be.
/// </summary>
internal sealed class CpuSection : GuestSection
{
    private readonly XElement _cpu;
    private readonly string _model;
    private readonly string _check;
    private readonly List<(string Name, bool On)> _features = [];

    public CpuSection(GuestContext context)
        : base(context)
    {
        _cpu = context.General.Section("cpu");
        if (_cpu.Choice("mode", "custom", "host-model", "host-passthrough", "maximum") is null or "custom" && _cpu.Element("model") is null)
            WriteDefault();
        string mode = _cpu.Text("mode") ?? "custom";
        _cpu.SetAttributeValue("mode", mode);
        _check = _cpu.Choice("check", "none", "partial", "full")
            ?? (mode == "host-model" || mode == "custom" && context.Accelerator == Accelerator.Kvm ? "partial" : "none");
        _cpu.SetAttributeValue("check", _check);
        if (mode == "host-passthrough" && context.Accelerator == Accelerator.Tcg)
            context.FailStart(_cpu, "CPU mode 'host-passthrough' needs a domain of type 'kvm'", "Use mode='maximum' or mode='host-model'.");
        _model = mode switch
        {
            "host-passthrough" => "host",
            "host-model" => context.Accelerator == Accelerator.Kvm ? "host" : "max",
            "maximum" => "max",
            _ => CustomModel(),
        };
        if (_cpu.Choice("match", "exact", "minimum", "strict") is null && mode == "custom")
            _cpu.SetAttributeValue("match", "exact");
        foreach (XElement feature in _cpu.Elements("feature"))
            context.Faults.Try(() => Read(feature));
        if (mode == "custom" && _check != "none")
            CheckModel();
        context.CpuModel = _model;
        CheckCache();
        CheckAddress();
    }

    /// <inheritdoc/>
    public override void AddShared(QemuArguments arguments)
    {
        arguments.Cpu = new OptionString(_model).With("enforce", _check == "full" && _cpu.Text("mode") == "custom" ? true : null)
            .With("vendor", _cpu.Element("model")?.Text("vendor_id") is { } vendor ? CheckVendor(vendor) : null);
        if (_cpu.Text("mode") is "host-passthrough" or "maximum" && _cpu.Flag("migratable") is { } migratable)
            arguments.Cpu.With("migratable", migratable);
        foreach ((string name, bool on) in _features)
            arguments.Cpu.With(name, on);
        if (_cpu.Element("maxphysaddr") is { } address)
        {
            bool host = address.Choice("mode", "emulate", "passthrough") == "passthrough";
            arguments.Cpu.With("host-phys-bits", host ? true : null)
                .With(host ? "host-phys-bits-limit" : "phys-bits", address.Number(host ? "limit" : "bits", 32, 64));
        }

        if (_cpu.Element("cache") is { } cache)
        {
            string mode = cache.Text("mode")!;
            arguments.Cpu.With("l3-cache", mode == "emulate" ? true : mode == "disable" ? false : null)
                .With("host-cache-info", mode == "passthrough" ? true : mode == "disable" ? false : null);
        }
    }

    private IReadOnlyList<QemuCpuModel> Models =>
        Context.Accelerator == Accelerator.Kvm && Context.Capabilities.KvmCpuModels.Count > 0
        ? Context.Capabilities.KvmCpuModels
        : Context.Capabilities.CpuModels;

    /// <summary>Names the machine's own default, so that it stays what it is.</summary>
    private void WriteDefault()
    {
        if (_cpu.Element("model") is null)
            _cpu.AddFirst(new XElement("model", new XAttribute("fallback", "forbid"), Context.Machine.DefaultCpu ?? "qemu64"));
        if (_cpu.Attribute("mode") is null)
            _cpu.SetDefault("check", "none");
    }

    private string CustomModel()
    {
        XElement element = _cpu.Element("model")
            ?? throw XmlFault.Invalid(_cpu, "a CPU of mode 'custom' needs the element model");
        string name = element.Value.Trim();
        _ = element.Choice("fallback", "allow", "forbid");
        if (name == "host" && Context.Accelerator == Accelerator.Tcg)
            Context.FailStart(element, "the CPU model 'host' needs a domain of type 'kvm'");
        else if (Models.All(model => model.Name != name))
            Context.FailStart(element, $"QEMU has no CPU model '{name}'", "Get-VirtCapability -Kind CpuModel lists the models.");
        return name;
    }

    /// <summary>A model whose features this host cannot all give is one the guest does not get.</summary>
    private void CheckModel()
    {
        IReadOnlyList<string> blockers = Models.FirstOrDefault(model => model.Name == _model)?.Blockers ?? [];
        string[] missing = [.. blockers.Where(blocker => !_features.Any(feature => feature.Name == blocker && !feature.On))];
        if (missing.Length > 0)
        {
            Context.FailStart(
                _cpu.Element("model")!, $"this host cannot give the CPU model '{_model}' the features {string.Join(", ", missing)}",
                "Disable them (<feature policy='disable' .../>), use another model, or check='none'.");
        }
    }

    private void Read(XElement feature)
    {
        string name = feature.Required("name");
        string policy = feature.Choice("policy", "force", "require", "optional", "disable", "forbid") ?? "require";
        bool on = policy is not ("disable" or "forbid");
        string? known = CpuFeatureNames.ToQemu(name, Context.Capabilities.CpuFeatures);
        if (known is not null)
            _features.Add((known, on));
        else if (on && policy != "optional")
            Context.FailStart(feature, $"QEMU has no CPU feature '{name}'");
    }

    private void CheckCache()
    {
        if (_cpu.Element("cache") is not { } cache)
            return;
        string mode = cache.Choice("mode", "emulate", "passthrough", "disable")
            ?? throw XmlFault.Invalid(cache, "the attribute mode is missing");
        int? level = cache.Integer("level", 1, 3);
        if (mode == "emulate" && level != 3)
            throw XmlFault.Unsupported(cache, "only a cache of level 3 can be emulated");
        if (mode != "emulate" && level is not null)
            throw XmlFault.Unsupported(cache, $"the cache mode '{mode}' has no level");
        if (mode == "passthrough" && _cpu.Text("mode") is not ("host-passthrough" or "maximum"))
            throw XmlFault.Unsupported(cache, "the host's cache can be passed through only with the CPU modes 'host-passthrough' and 'maximum'");
    }

    private void CheckAddress()
    {
        if (_cpu.Element("maxphysaddr") is not { } address)
            return;
        string mode = address.Choice("mode", "emulate", "passthrough") ?? throw XmlFault.Invalid(address, "the attribute mode is missing");
        int? bits = address.Integer("bits", 32, 64);
        _ = address.Integer("limit", 32, 64);
        if ((bits is null) == (mode == "emulate"))
        {
            throw XmlFault.Unsupported(
                address, bits is null ? "the mode 'emulate' needs the attribute bits" : "the attribute bits goes with the mode 'emulate' only");
        }

        if (mode == "passthrough" && Context.Accelerator == Accelerator.Tcg)
            Context.FailStart(address, "the host's address width needs a domain of type 'kvm'");
    }

    private string CheckVendor(string vendor) =>
        vendor.Length == 12 && !vendor.Contains(',', StringComparison.Ordinal) && vendor.All(c => c is >= ' ' and <= '~')
        ? vendor
        : throw XmlFault.Invalid(_cpu.Element("model")!.Attribute("vendor_id")!, $"'{vendor}' is not a vendor of 12 characters");
}
