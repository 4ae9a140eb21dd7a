using System.Collections;

namespace System.Management.Automation
{
    public interface IArgumentCompleter
    {
        IEnumerable<CompletionResult> CompleteArgument(
            string commandName, string parameterName, string wordToComplete, Language.CommandAst commandAst,
            IDictionary fakeBoundParameters);
    }

    public sealed record CompletionResult(
        string CompletionText, string ListItemText, CompletionResultType ResultType, string ToolTip);

    public enum CompletionResultType
    {
        ParameterValue,
    }
}

namespace System.Management.Automation.Language
{
    public sealed class CommandAst;
}

namespace System.Management.Automation.Host
{
    public sealed class PSHost
    {
        public PSHostUserInterface UI { get; } = new();
    }

    public sealed class PSHostUserInterface
    {
        public Func<string, PSCredential?> Answer { get; set; } = _ => null;

        public PSCredential? PromptForCredential(string caption, string message, string? userName, string targetName) =>
            Answer(message);

        public Func<string, int> Choose { get; set; } = _ => throw new HostException("not interactive");

        public Func<string> Type { get; set; } = () => throw new HostException("not interactive");

        public string Written { get; private set; } = "";

        public int PromptForChoice(
            string caption, string message, System.Collections.ObjectModel.Collection<ChoiceDescription> choices, int defaultChoice) =>
            Choose(message);

        public System.Security.SecureString ReadLineAsSecureString() => new System.Net.NetworkCredential("", Type()).SecurePassword;

        public void Write(string value) => Written += value;
    }

    public sealed record ChoiceDescription(string Label, string HelpMessage);

    public sealed class HostException(string message) : Exception(message);
}

namespace System.Management.Automation.Runspaces
{
    public sealed class Runspace
    {
        public static Runspace? DefaultRunspace { get; } = new();

        public PSEventManager Events { get; } = new();

        public event EventHandler<RunspaceStateEventArgs>? StateChanged;

        public void Close() => StateChanged?.Invoke(
            this, new RunspaceStateEventArgs(new RunspaceStateInfo(RunspaceState.Closed)));
    }

    public sealed class RunspaceStateEventArgs(RunspaceStateInfo info) : EventArgs
    {
        public RunspaceStateInfo RunspaceStateInfo { get; } = info;
    }

    public sealed record RunspaceStateInfo(RunspaceState State);

    public enum RunspaceState
    {
        Opened,
        Closed,
        Broken,
    }
}
