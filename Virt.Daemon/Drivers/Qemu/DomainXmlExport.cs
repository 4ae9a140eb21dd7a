using System.Globalization;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu;

/// <summary>Definitions as they are handed out.</summary>
internal static class DomainXmlExport
{
    /// <summary>The XML that the options ask for.</summary>
    public static string Write(DomainSupervisor domain, XmlOptions options)
    {
        GuestRun? run = (options & XmlOptions.Inactive) != 0 && domain.Config is not null ? null : domain.Run;
        DomainDefinition definition = run?.ParseLive() ?? domain.Config?.Parse() ?? throw domain.Invalid("is gone");
        if ((options & XmlOptions.Secure) == 0)
            DefinitionSecrets.Remove(definition);
        if (run is null)
            return definition.ToXml();
        if ((options & (XmlOptions.Migratable | XmlOptions.Inactive)) != 0)
            LiveState.Strip(definition.Root);
        else
            definition.Root.SetAttributeValue("id", run.Id.ToString(CultureInfo.InvariantCulture));
        return definition.ToXml();
    }
}
