using System.Globalization;
using System.Management.Automation.Host;

namespace Virt.Tests.PowerShell;

/// <summary>The program that a lab's runspace runs in; its user is a <see cref="LabScreen"/>.</summary>
internal sealed class LabHost : PSHost
{
    public LabScreen Screen { get; } = new();

    public override string Name => "Lab";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => Screen;

    // Pipelines run in the host's culture: the texts of tests are the same on every machine.
    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override void SetShouldExit(int exitCode) => throw new NotSupportedException();

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
