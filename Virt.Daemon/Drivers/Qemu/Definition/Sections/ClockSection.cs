using System.Globalization;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>clock</c>: what the guest's real-time clock starts at, and which timers it has.</summary>
internal sealed class ClockSection : GuestSection
{
    private readonly XElement _clock;
    private readonly string _offset;
    private readonly long _adjustment;
    private readonly TimeProvider _time;
    private XElement[] _timers = [];

    public ClockSection(GuestContext context, TimeProvider? time = null)
        : base(context)
    {
        _time = time ?? TimeProvider.System;
        _clock = context.General.Section("clock");
        _offset = _clock.Choice("offset", "utc", "localtime", "timezone", "variable", "absolute") ?? "utc";
        _clock.SetAttributeValue("offset", _offset);
        if (_offset == "timezone"
            && (_clock.Text("timezone") is not { Length: > 0 and < 64 } zone || !zone.All(
                c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+' or ':')))
            throw XmlFault.Invalid(_clock, "the attribute timezone is missing, or is no time zone");
        _adjustment = _clock.Text("adjustment") == "reset" ? 0 : _clock.Number("adjustment", int.MinValue, int.MaxValue) ?? 0;
        if (_offset == "absolute" && _clock.Number("start", 0, 253402300799) is null)
            throw XmlFault.Invalid(_clock, "the attribute start is missing");
        Timers();
    }

    /// <inheritdoc/>
    public override void AddShared(QemuArguments arguments)
    {
        foreach (XElement timer in _timers)
        {
            bool? present = timer.Flag("present");
            if (timer.Text("name") == "hpet")
                arguments.Machine.With("hpet", present);
            else if (timer.Text("name") == "kvmclock")
                arguments.Cpu.With("kvmclock", present);
            else if (timer.Text("name") == "tsc" && timer.Number("frequency", 1, long.MaxValue) is { } frequency)
                arguments.Cpu.With("tsc-frequency", frequency);
        }
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_offset == "timezone")
            arguments.Environment["TZ"] = _clock.Text("timezone")!;
        XElement? rtc = _timers.FirstOrDefault(timer => timer.Text("name") == "rtc");
        arguments.Add("-rtc", new OptionString().With("base", Base())
            .With("clock", rtc?.Text("track") switch { "guest" => "vm", "wall" => "host", _ => null })
            .With("driftfix", rtc?.Text("tickpolicy") switch { "catchup" => "slew", "delay" => "none", _ => null }));
        foreach (XElement timer in _timers.Where(timer => timer.Text("name") == "pit" && Context.Accelerator == Accelerator.Kvm))
        {
            if (timer.Text("tickpolicy") is { } policy)
                arguments.Add("-global", $"kvm-pit.lost_tick_policy={policy}");
        }
    }

    private string Base()
    {
        if (_offset is "localtime" or "timezone")
            return "localtime";
        if (_offset == "utc")
            return "utc";
        DateTimeOffset start = _offset == "absolute"
            ? DateTimeOffset.FromUnixTimeSeconds(_clock.Number("start", 0, 253402300799)!.Value)
            : (_clock.Choice("basis", "utc", "localtime") == "localtime" ? _time.GetLocalNow() : _time.GetUtcNow()).AddSeconds(_adjustment);
        return start.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
    }

    private void Timers()
    {
        _timers = [.. _clock.Elements("timer")];
        foreach (XElement timer in _timers)
        {
            string name = timer.Choice("name", "platform", "hpet", "kvmclock", "hypervclock", "pit", "rtc", "tsc", "armvtimer")
                ?? throw XmlFault.Invalid(timer, "the attribute name is missing");
            string? policy = timer.Choice("tickpolicy", "delay", "catchup", "merge", "discard");
            _ = (
                timer.Choice("track", "boot", "guest", "wall"), timer.Flag("present"),
                timer.Number("frequency", 1, long.MaxValue));
            bool fits = name switch
            {
                "platform" or "armvtimer" => false,
                "rtc" => policy is null or "delay" or "catchup",
                "pit" => policy is null or "delay" or "discard",
                "hpet" => policy is null or "delay",
                _ => true,
            };
            if (!fits)
                throw XmlFault.Unsupported(
                    timer,
                    policy is null
                        ? $"QEMU's x86 machines have no timer '{name}'"
                        : $"the timer '{name}' has no tick policy '{policy}'");
            if (timer.Elements("catchup").Any())
                throw XmlFault.Unsupported(timer.Element("catchup")!, "QEMU has no limits of catching up");
        }
    }
}
